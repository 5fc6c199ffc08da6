import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { startPostgresql } from '../servers/postgresql.server.js';
import type { ServerProcess } from '../servers/server-process.js';
import { onBusyMachine } from '../time.limits.js';
import { createTask, download, finishedTask, listTasks, postTask, taskIn, upload } from './client.js';
import { PLUGINS_DIR } from './grounds.js';
import { problemOf } from './problem.js';
import { storedFiles } from './traces.js';

/** DESIGN §7.6. */
const ANSWER_MS = 2_000;
const RECOVERY_MS = 10_000;
const HEALTH_MS = 500;
/** A lease is 10 s long: after that everybody may take the task, and nobody can. */
const LONGER_THAN_A_LEASE_MS = 12_000;
const TEST_MS = 120_000;
const ENV = { PLUGINS_DIR, WORKER_CONCURRENCY: '2' };
const SOME_ID = '019a0000-0000-7000-8000-000000000000';

interface Outage {
  /** Whether rows can still be read. */
  readonly readable: boolean;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

const timed = async (request: () => Promise<Response>): Promise<{ response: Response; ms: number }> => {
  const started = performance.now();
  const response = await request();
  return { response, ms: performance.now() - started };
};

const form = (): FormData => {
  const body = new FormData();
  body.append('file', new File(['text\n'], 'a.txt'));
  return body;
};

const LISTS = ['users', 'keys', 'audit', 'webhooks', 'quota', 'plugins'];

/** What needs rows, and whether it writes them. */
const routes = (platform: Platform, fileId: string) => {
  const remove = (path: string) => platform.get(path, { method: 'DELETE' });
  return {
    reading: [
      () => platform.get('/api/v1/tasks'),
      () => platform.get(`/api/v1/tasks/${SOME_ID}`),
      () => platform.get(`/api/v1/tasks/${SOME_ID}/result`),
      () => platform.get('/api/v1/files'),
      () => platform.get(`/api/v1/files/${fileId}`),
      () => platform.get(`/api/v1/files/${fileId}/content`),
      ...LISTS.map((list) => () => platform.get(`/api/v1/${list}`)),
    ],
    writing: [
      () => postTask(platform, 'echo'),
      () => postTask(platform, 'file-hash', { inputs: [fileId] }),
      () => postTask(platform, 'copies', { files: [{ name: 'a.txt', bytes: 'a\n' }], options: { names: [] } }),
      () => platform.post('/api/v1/files', { body: form() }),
      () => remove(`/api/v1/files/${fileId}`),
    ],
  };
};

const isReady = async (platform: Platform): Promise<boolean> => (await platform.get('/ready')).status === 200;
const readyAgain = (platform: Platform) =>
  until(() => isReady(platform), { timeoutMs: onBusyMachine(RECOVERY_MS), describe: 'the platform is ready again' });

/** Clients hear soon, the process lives, and nothing is left of what was refused. */
async function expectRefusals(platform: Platform, { readable, begin, end }: Outage): Promise<void> {
  const file = await upload(platform, 'text.txt', 'text\n');
  const before = await storedFiles(platform);
  const { reading, writing } = routes(platform, file.file_id);
  await begin();

  const health = await timed(() => platform.get('/health'));
  const answers = await Promise.all((readable ? writing : [...reading, ...writing]).map(timed));
  const ready = await timed(() => platform.get('/ready?verbose'));
  const problems = await Promise.all(answers.map(({ response }) => problemOf(response)));
  await end();
  await readyAgain(platform);

  expect([health.response.status, ready.response.status]).toEqual([200, 503]);
  expect(problems.map(({ status, error: { code } }) => `${status} ${code}`)).toEqual(
    problems.map(() => '503 unavailable'),
  );
  expect(answers.every(({ response }) => response.headers.has('retry-after'))).toBe(true);
  expect(Math.max(...[ready, ...answers].map(({ ms }) => ms))).toBeLessThan(onBusyMachine(ANSWER_MS));
  expect(health.ms).toBeLessThan(onBusyMachine(HEALTH_MS));
  await until(async () => (await storedFiles(platform)).every((path) => before.includes(path)), {
    describe: 'nothing of the refused uploads is left',
  });
}

/** What ran goes on and is settled once, what waits runs soon after, and none of it is done twice. */
async function expectNothingLost(platform: Platform, outage: Outage, lengthMs: number): Promise<void> {
  const files = [{ name: 'text.txt', bytes: 'text\n' }];
  const options = { names: ['a.txt', 'b.txt'], delay_ms: 1_000 };
  const running = await Promise.all([1, 2].map(() => createTask(platform, 'copies', { files, options })));
  await Promise.all(running.map(({ task_id }) => taskIn(platform, task_id, ['processing'])));
  const waiting = await Promise.all([1, 2, 3].map(() => createTask(platform, 'echo')));
  const before = await storedFiles(platform);

  await outage.begin();
  await sleep(lengthMs);
  await outage.end();
  const mended = Date.now();
  await readyAgain(platform);
  const all = [...running, ...waiting];
  const tasks = await Promise.all(
    all.map(({ task_id }) => finishedTask(platform, task_id, onBusyMachine(RECOVERY_MS))),
  );

  expect(Date.now() - mended).toBeLessThan(onBusyMachine(RECOVERY_MS));
  expect(tasks.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(all.map(() => 'completed 1'));
  const outputs = tasks.flatMap((task) => task.outputs);
  const contents = await Promise.all(outputs.map(({ file_id }) => download(platform, file_id)));
  expect(contents.map(String)).toEqual(['text\n', 'text\n', 'text\n', 'text\n']);
  expect(await storedFiles(platform)).toHaveLength(before.length + outputs.length);
  await expect(listTasks(platform, '?status=processing')).resolves.toMatchObject({ data: [] });
}

describe('while another process holds the SQLite file', () => {
  let platform: Platform;
  let outage: Outage;

  beforeAll(async () => {
    platform = await startPlatform({ env: ENV });
    let holder: DatabaseSync;
    outage = {
      readable: true,
      begin: () => {
        holder = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { timeout: 5_000 });
        holder.exec('begin exclusive');
      },
      end: () => holder.close(),
    };
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  it('who writes hears so within two seconds, and leaves nothing', () => expectRefusals(platform, outage));

  it('who only reads does not notice, though others wait to write', async () => {
    const file = await upload(platform, 'text.txt', 'text\n');
    outage.begin();
    const refused: number[] = [];
    const writers = Array.from({ length: 5 }, async () => refused.push((await postTask(platform, 'echo')).status));

    const paths = ['/api/v1/tasks', '/api/v1/files', `/api/v1/files/${file.file_id}/content`];
    const read = async (path: string): Promise<number> => {
      const response = await platform.get(path);
      await response.arrayBuffer();
      return response.status;
    };
    const statuses: number[] = [];
    while (refused.length === 0) statuses.push(...(await Promise.all(paths.map(read))));
    await Promise.all(writers);
    outage.end();

    expect(new Set(statuses)).toEqual(new Set([200]));
    await readyAgain(platform);
  });

  it('the process has time for others, however many wait', async () => {
    outage.begin();
    const waiting = Promise.all(Array.from({ length: 100 }, () => timed(() => postTask(platform, 'echo'))));
    const probes: number[] = [];
    for (let count = 0; count < 10; count++) probes.push((await timed(() => platform.get('/health'))).ms);
    const answers = await waiting;
    outage.end();
    await readyAgain(platform);

    expect(new Set(answers.map(({ response }) => response.status))).toEqual(new Set([503]));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(onBusyMachine(ANSWER_MS));
    expect(Math.max(...probes)).toBeLessThan(onBusyMachine(1_000));
  });

  it('nothing is lost: results wait', () => expectNothingLost(platform, outage, 4_000), TEST_MS);
});

describe('PostgreSQL', () => {
  let postgresql: ServerProcess;
  let platform: Platform;

  beforeAll(async () => {
    postgresql = await startPostgresql();
    platform = await startPlatform({ env: { ...ENV, DATABASE_URL: postgresql.url } });
  });
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await postgresql[Symbol.asyncDispose]();
  });

  const outages: Record<string, Outage> = {
    'stopped at once': {
      readable: false,
      begin: () => postgresql.kill('SIGQUIT'),
      end: () => postgresql.start(),
    },
    frozen: { readable: false, begin: () => postgresql.pause(), end: () => postgresql.resume() },
    'shut down': { readable: false, begin: () => postgresql.stop(), end: () => postgresql.start() },
  };

  describe.each(Object.entries(outages))('that is %s', (_, outage) => {
    it('is known to clients within two seconds', () => expectRefusals(platform, outage));

    it('loses nothing: results wait', () => expectNothingLost(platform, outage, 3_000), TEST_MS);
  });

  it(
    'loses nothing when it is frozen for longer than a lease lasts',
    () => expectNothingLost(platform, outages['frozen'] as Outage, LONGER_THAN_A_LEASE_MS),
    TEST_MS,
  );

  it('may be restarted while tasks run, and nobody notices', async () => {
    const options = { options: { delay_ms: 1_500 } };
    const tasks = await Promise.all([1, 2].map(() => createTask(platform, 'echo', options)));
    await Promise.all(tasks.map(({ task_id }) => taskIn(platform, task_id, ['processing'])));

    await postgresql.stop();
    await postgresql.start();
    const finished = await Promise.all(tasks.map(({ task_id }) => finishedTask(platform, task_id)));

    expect(finished.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(['completed 1', 'completed 1']);
  });
});
