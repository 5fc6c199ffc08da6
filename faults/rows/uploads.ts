import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { uploadInterrupted } from '../../test/tus.uploads.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';

/** Of one upload, for each round of the scene: 200 MB where it is played whole. */
const BYTES_PER_ROUND = 20_000_000;
const UPLOADS_PER_TASK = 0.1;
const AT_A_TIME = 2;
const CUTS = 3;
const LONGEST_LIFE_MS = 4_000;

/** I31: uploads that come in pieces, cut off by their clients at any offset, while the API is killed again and again. */
async function killDuringPieces(scene: Scene): Promise<Performed> {
  const [front] = scene.platform.processes;
  let rest = scene.size.tasks * UPLOADS_PER_TASK;
  const upload = async () => {
    while (rest-- > 0) await uploadOnce(scene);
  };
  const uploads = Promise.all(Array.from({ length: AT_A_TIME }, upload));
  const over = uploads.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([sleep(500 + scene.random(LONGEST_LIFE_MS), false), over]))) {
    await front?.kill();
    await front?.start();
  }
  await uploads;
  return {};
}

async function uploadOnce({ platform, random, size }: Scene): Promise<void> {
  const bytes = randomBytes(size.rounds * BYTES_PER_ROUND);
  const cuts = Array.from({ length: CUTS }, () => 1 + random(bytes.length - 1)).toSorted((a, b) => a - b);
  const { credentials } = platform;
  const origin = () => platform.url;
  const id = await uploadInterrupted({ bytes, name: 'a.bin', origin, credentials, cuts, interrupt: async () => {} });
  const path = `${platform.url}/api/v1/files/${id}`;
  const content = await again(() =>
    fetch(`${path}/content`, { headers: credentials }).then((answer) => answer.bytes()),
  );
  const [sent, kept] = [bytes, content].map((all) => createHash('sha256').update(all).digest('hex'));
  const told = await again(() => fetch(path, { headers: credentials }).then((answer) => answer.text()));
  const sha256 = /"sha256":"(\w+)"/.exec(told)?.[1];
  if (sent !== kept || sent !== sha256) throw new Error(`Of ${sent}, ${sha256} is told and ${kept} is kept.`);
  // What is left is compared with what tasks have.
  await again(() => fetch(path, { method: 'DELETE', headers: credentials }));
}

/** The server may die while it is asked. */
async function again<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; tries < 60; tries++) {
    try {
      return await ask();
    } catch {
      await sleep(500);
    }
  }
  return ask();
}

export const UPLOAD_ROWS: readonly Row[] = [
  {
    id: 'I31',
    fault: 'the API is killed again and again while uploads come in pieces',
    stacks: EVERYWHERE,
    perform: killDuringPieces,
  },
];
