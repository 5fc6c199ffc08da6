import { DEEDS, type Deed } from '../deeds.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { echo, hostile } from '../work.ts';

/** Enough for a tool that behaves, and not long to wait for one that does not end. */
const SHORT_TIMEOUT_MS = 5_000;
/** Enough to come to whatever else ends a tool. */
const LONG_TIMEOUT_MS = 60_000;
/** Three attempts, with the pauses between them, and what it takes to end each. */
const ENDED_MS = 120_000;
const RIGHT_AFTER_MS = 10_000;

/** Every task of the plugin ends as it should, the workers live, and a good tool runs right after. */
async function commit(scene: Scene, deeds: readonly Deed[]): Promise<Performed> {
  const pids = scene.workers.map(({ pid }) => pid);
  for (const deed of deeds) {
    const id = await scene.client.submit(hostile(deed.name, deed.expected, targetOf(scene, deed)));
    if (id === undefined) throw new Error(`The deed ${deed.name} was not accepted.`);
    if (!(await scene.hasFinished([id], ENDED_MS))) throw new Error(`The deed ${deed.name} does not end.`);
    if (deed.refused) await expectRefused(scene, id, deed.name);
    await expectGoodTask(scene, deed.name);
  }
  if (!scene.workers.every(({ running, pid }) => running && pids.includes(pid))) throw new Error('A worker has ended.');
  return {};
}

function targetOf({ platform, home }: Scene, { target }: Deed): string {
  switch (target) {
    case undefined:
      return '';
    case 'file':
      return import.meta.filename;
    case 'directory':
      return home.path;
    case 'port':
      return new URL(platform.url).port;
    default:
      return target satisfies never;
  }
}

async function expectGoodTask(scene: Scene, after: string): Promise<void> {
  const id = await scene.client.submit(echo(`after ${after}`, 0));
  if (id === undefined) throw new Error(`After ${after} a good task was refused.`);
  if (!(await scene.hasFinished([id], RIGHT_AFTER_MS))) throw new Error(`After ${after} a good task does not end.`);
}

async function expectRefused({ truth }: Scene, id: string, name: string): Promise<void> {
  const row = (await truth.tasks()).find((task) => task.id === id);
  const attempts = Object.entries((row?.data ?? {}) as Record<string, unknown>);
  const succeeded = attempts.filter(([, end]) => end === 'succeeded').map(([attempt]) => attempt);
  if (attempts.length === 0) throw new Error(`The deed ${name} has attempted nothing.`);
  if (succeeded.length > 0) throw new Error(`The deed ${name} has succeeded: ${succeeded.join(', ')}.`);
}

function isEndless({ expected }: Deed): boolean {
  return expected.codes?.includes('tool_timeout') ?? false;
}

export const HOSTILE_ROWS: readonly Row[] = Object.entries(DEEDS).map(([id, { fault, deeds }]) => ({
  id,
  fault,
  stacks: EVERYWHERE,
  scene: { env: { TASK_TIMEOUT_MS: String(deeds.some(isEndless) ? SHORT_TIMEOUT_MS : LONG_TIMEOUT_MS) } },
  perform: (scene) => commit(scene, deeds),
}));
