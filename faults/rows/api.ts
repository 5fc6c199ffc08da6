import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/conditions.ts';
import { PROCESS_RECOVERY_S } from '../checker/recovery.ts';
import { secondsSince } from '../kill.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { noise } from '../work.ts';

const UPLOADS = 4;
const CHUNK_BYTES = 64 * 1_024;
const CHUNK_EVERY_MS = 20;
/** While the first tasks of a round are written. */
const LATEST_KILL_MS = 60;
/** A ring that nobody takes is given up, and the creation answered, after 1.5 s. */
const LATEST_ANSWER_MS = 3_000;
const TASKS_PER_ROUND = 20;

/** I3: half of a file is there, and then nobody who knows of it. */
async function killDuringUploads(scene: Scene): Promise<Performed> {
  const { platform } = scene;
  const front = platform.processes[0];
  for (let round = 0; round < Math.min(scene.size.rounds, 3); round++) {
    const before = await begun(scene);
    const uploads = Array.from({ length: UPLOADS }, (_, index) => slowUpload(scene, index % 2 === 0));
    try {
      await until(async () => (await begun(scene)) >= before + UPLOADS, {
        timeoutMs: 10_000,
        describe: 'all uploads have begun',
      });
      await sleep(200 + scene.random(800));
      await front?.kill();
    } finally {
      uploads.forEach((stop) => stop());
    }
    await front?.start();
  }
  const seconds = await scene.secondsUntilWorking();
  return { recovery: { seconds, limit: PROCESS_RECOVERY_S } };
}

/** Rows of files that are not there yet. Those of a killed process stay for a minute. */
async function begun({ truth }: Scene): Promise<number> {
  return (await truth.files()).filter(({ stored }) => !stored).length;
}

/** An upload of three megabytes a second that never ends by itself: as the body of a request, or with a task. */
function slowUpload({ platform, random }: Scene, withTask: boolean): () => void {
  const chunk = noise(random, CHUNK_BYTES);
  const path = withTask ? '/api/v1/tools/file-hash/process' : '/api/v1/files';
  const type = withTask ? 'multipart/form-data; boundary=b' : 'application/octet-stream';
  const headers = { ...platform.credentials, 'content-type': type };
  const sent = request(platform.url + path, { method: 'POST', headers });
  sent.on('error', () => {});
  if (withTask) sent.write('--b\r\nContent-Disposition: form-data; name="file"; filename="slow.bin"\r\n\r\n');
  sent.write(chunk);
  const timer = setInterval(() => sent.write(chunk), CHUNK_EVERY_MS);
  return () => {
    clearInterval(timer);
    sent.destroy();
  };
}

/**
 * I4, wherever the queue lives in the process: it dies between any two steps of a creation. Whatever row was written,
 * its ring is gone with the process, so each of these kills is one between the row and the ring.
 */
async function killWhileCreating(scene: Scene): Promise<Performed> {
  const [front] = scene.platform.processes;
  let killed = performance.now();
  for (let round = 0; round < scene.size.rounds; round++) {
    const works = await scene.batch(TASKS_PER_ROUND);
    const creating = scene.client.submitAll(works);
    await sleep(scene.random(LATEST_KILL_MS));
    await front?.kill();
    killed = performance.now();
    await creating;
    await front?.start();
  }
  await scene.secondsUntilWorking();
  return { recovery: { seconds: secondsSince(killed), limit: PROCESS_RECOVERY_S } };
}

/**
 * I4, where the queue is Redis: between the API and Redis stands a proxy that takes every ring and passes on none. Some
 * time after rows are there, whose rings are under way or given up, the API is killed.
 */
async function killBeforeTheRing(scene: Scene): Promise<Performed> {
  const [front] = scene.platform.processes;
  let killed = performance.now();
  for (let round = 0; round < scene.size.rounds; round++) {
    const works = await scene.batch(TASKS_PER_ROUND);
    const before = (await scene.truth.tasks()).length;
    scene.proxy?.swallow();
    const creating = scene.client.submitAll(works);
    await until(async () => (await scene.truth.tasks()).length > before, { describe: 'a row is written' });
    await sleep(scene.random(LATEST_ANSWER_MS));
    await front?.kill();
    killed = performance.now();
    await creating;
    await front?.start();
  }
  await scene.secondsUntilWorking();
  return { recovery: { seconds: secondsSince(killed), limit: PROCESS_RECOVERY_S } };
}

export const API_ROWS: readonly Row[] = [
  { id: 'I3', fault: 'the API is killed in the middle of uploads', stacks: EVERYWHERE, perform: killDuringUploads },
  {
    id: 'I4',
    fault: 'the API is killed between a row and its ring',
    stacks: EVERYWHERE,
    scene: { proxied: 'api' },
    perform: (scene) => (scene.stack === 'embedded' ? killWhileCreating(scene) : killBeforeTheRing(scene)),
  },
];
