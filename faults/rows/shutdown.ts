import { until } from '../../test/conditions.ts';
import type { PlatformProcess } from '../../test/platform.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { echo, hostile } from '../work.ts';

const GRACE_MS = 4_000;
/** The grace period, and the time that ended runs may take to settle. */
const STOP_MS = 30_000;
const SHORT_MS = 1_500;
const LONG_MS = 12_000;

/** Ends only because somebody ends it, and SIGTERM is not enough. */
const INFINITE = hostile('ignoreSigterm', { status: 'cancelled', data: null });

/** I22: what is short ends, what is not goes back to the queue with its attempt not counted. */
async function stopWhileWorking(scene: Scene): Promise<Performed> {
  const { client, workers } = scene;
  const [infinite, ...finite] = await client.submitAll([INFINITE, echo('short', SHORT_MS), echo('long', LONG_MS)], 1);
  const ids = [infinite, ...finite].filter((id) => id !== undefined);
  if (infinite === undefined || ids.length !== 3) throw new Error('Tasks were refused before anything was broken.');
  await until(async () => (await statuses(scene, ids)).every((status) => status === 'processing'), {
    timeoutMs: 30_000,
    describe: 'all of them run',
  });
  await scene.submit(scene.size.tasks / 4);

  await Promise.all(workers.map(stopWell));
  const counted = (await scene.truth.tasks()).filter(({ status, attempt }) => status === 'pending' && attempt > 0);
  if (counted.length > 0) throw new Error(`${counted.length} tasks went back with their attempt counted.`);
  if ((await statuses(scene, ids))[1] !== 'completed') throw new Error('The short task was not let end.');

  for (const worker of workers) await worker.start();
  const runsAgain = async () => (await client.look(infinite))?.status === 'processing';
  await until(runsAgain, { timeoutMs: 30_000, describe: 'the infinite task runs again' });
  await client.cancel(infinite);
  return {};
}

async function stopWell(worker: PlatformProcess): Promise<void> {
  const { code, signal } = await worker.stop(STOP_MS);
  if (code !== 0) throw new Error(`A worker that was asked to stop ended with ${code ?? signal}.`);
}

/** In the order of the ids. */
async function statuses({ truth }: Scene, ids: readonly string[]): Promise<(string | undefined)[]> {
  const rows = new Map((await truth.tasks()).map(({ id, status }) => [id, status]));
  return ids.map((id) => rows.get(id));
}

export const SHUTDOWN_ROWS: readonly Row[] = [
  {
    id: 'I22',
    fault: 'SIGTERM while short, long and infinite jobs run',
    stacks: EVERYWHERE,
    scene: { env: { SHUTDOWN_GRACE_MS: String(GRACE_MS) } },
    perform: stopWhileWorking,
  },
];
