import { until } from '../../test/conditions.ts';
import type { PlatformProcess } from '../../test/platform.ts';
import { queryPostgresql } from '../../test/servers/postgresql.client.ts';
import { isTerminal } from '../history.ts';
import { secondsSince } from '../kill.ts';
import { PROCESS_RECOVERY_S } from '../checker/recovery.ts';
import { storedFiles } from '../remains.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { echo, image } from '../work.ts';

const TASKS_PER_ROUND = 8;
const SHORT_MS = 1_000;
/** A picture that takes some seconds. */
const SLOW_SCALE = 120;
const NEXT_ROUND_MS = 30_000;

/**
 * I5: the row says how the task ended, and the queue has not heard that its ring is answered. Where the queue is Redis,
 * a proxy swallows that word; elsewhere it dies with the process in any case.
 */
async function killBeforeTheAnswer(scene: Scene): Promise<Performed> {
  const [victim] = scene.workers;
  if (!victim) throw new Error('There is no worker.');
  let seconds = 0;
  for (let round = 0; round < roundsOf(scene); round++) {
    await untilAllEnded(scene);
    const works = Array.from({ length: TASKS_PER_ROUND }, () => echo('ends unheard', SHORT_MS));
    await scene.client.submitAll(works, TASKS_PER_ROUND);
    const held = await until(async () => nonEmpty(await scene.heldBy(victim.pid)), {
      timeoutMs: NEXT_ROUND_MS,
      describe: 'the worker runs something',
    });
    scene.proxy?.swallow();
    await ended(scene, new Set(held.map(({ id }) => id)));
    const { pid } = victim;
    await victim.kill();
    const killed = performance.now();
    const orphans = await scene.heldBy(pid);
    await victim.start();
    await scene.takenBack(orphans);
    seconds = Math.max(seconds, secondsSince(killed));
  }
  return { recovery: { seconds, limit: PROCESS_RECOVERY_S } };
}

/** Otherwise a task could lose three workers, and be set aside. */
async function untilAllEnded(scene: Scene): Promise<void> {
  const ids = scene.history.unfinished().map(({ id }) => id);
  if (!(await scene.hasFinished(ids))) throw new Error('The tasks of the round before do not end.');
}

/** Each waits for a lease to end, so there are not many. */
function roundsOf({ size }: Scene): number {
  return Math.ceil(size.rounds / 2);
}

async function ended(scene: Scene, ids: ReadonlySet<string>): Promise<void> {
  const isEnded = async () => (await scene.truth.tasks()).some(({ id, status }) => ids.has(id) && isTerminal(status));
  await until(isEnded, { timeoutMs: NEXT_ROUND_MS, describe: 'the end of a task is written' });
}

/** I5, one step before: the outputs are stored, and the row does not name them yet. Met by chance, so it is tried often. */
async function killBeforeTheResult(scene: Scene): Promise<Performed> {
  const [victim] = scene.workers;
  for (let round = 0; round < roundsOf(scene); round++) {
    await untilAllEnded(scene);
    const works = [];
    for (let index = 0; index < TASKS_PER_ROUND; index++) works.push(await image(scene.random, scene.home.path));
    const known = new Set((await storedFiles(scene.platform)).map(({ name }) => name));
    await scene.client.submitAll(works, TASKS_PER_ROUND);
    await until(async () => hasOutput(scene, known), { timeoutMs: NEXT_ROUND_MS, describe: 'an output is stored' });
    await victim?.kill();
    await victim?.start();
  }
  return {};
}

/**
 * I5, the same for certain: while the rows of tasks are locked, a worker can store outputs and cannot name them. Only
 * PostgreSQL can lock one table and not the other.
 */
async function killWhileLocked(scene: Scene): Promise<void> {
  const work = await image(scene.random, scene.home.path, SLOW_SCALE);
  const known = new Set((await storedFiles(scene.platform)).map(({ name }) => name));
  const id = await scene.client.submit(work);
  const victim = await until(async () => holderOf(scene, id), {
    timeoutMs: NEXT_ROUND_MS,
    describe: 'a worker converts the picture',
  });
  const lock = 'begin; lock table task in exclusive mode; select pg_sleep(5); rollback';
  const locked = queryPostgresql(scene.postgresql.url, lock);
  await until(async () => hasOutput(scene, known), { timeoutMs: NEXT_ROUND_MS, describe: 'an output is stored' });
  const { pid } = victim;
  await victim.kill();
  await locked;
  if ((await scene.heldBy(pid)).length === 0) throw new Error('The row was written before the worker died.');
  await victim.start();
}

/** The worker that runs the task. */
async function holderOf(scene: Scene, id: string | undefined): Promise<PlatformProcess | undefined> {
  for (const worker of scene.workers) if ((await scene.heldBy(worker.pid)).some((row) => row.id === id)) return worker;
  return undefined;
}

/** Whether there are bytes that nobody has sent. */
async function hasOutput({ platform, history }: Scene, known: ReadonlySet<string>): Promise<boolean> {
  const stored = await storedFiles(platform);
  return stored.some(({ name, sha256 }) => !known.has(name) && !history.sent.has(sha256));
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

export const RESULT_ROWS: readonly Row[] = [
  {
    id: 'I5',
    fault: 'a worker is killed between a result and its answer',
    stacks: EVERYWHERE,
    scene: { proxied: 'worker' },
    perform: async (scene) => {
      await killBeforeTheResult(scene);
      if (scene.stack === 'scaled') await killWhileLocked(scene);
      return killBeforeTheAnswer(scene);
    },
  },
];
