import { setTimeout as sleep } from 'node:timers/promises';
import { PROCESS_RECOVERY_S } from '../checker/recovery.ts';
import { anyWorker, killWorker, secondsSince } from '../kill.ts';
import { EVERYWHERE, type Performed, type Row } from '../row.ts';
import { CONCURRENCY, type Scene } from '../scene.ts';

const LONG_MS = 6_000;
/** A lease ends after 10 s. */
const TWO_LEASES_MS = 20_000;

/** Long tasks run in three quarters of all places, and behind them wait as many others as make the number whole. */
async function load(scene: Scene): Promise<void> {
  const count = Math.ceil(scene.workers.length * CONCURRENCY * 0.75);
  await Promise.all(Array.from({ length: count }, () => scene.running(LONG_MS)));
  await scene.submit(scene.size.tasks - count);
}

/** I1: at any moment of a job, from a tenth to nine tenths of it. */
async function killOnce(scene: Scene): Promise<Performed> {
  const begun = performance.now();
  await load(scene);
  const moment = begun + (LONG_MS * (10 + scene.random(81))) / 100;
  await sleep(Math.max(moment - performance.now(), 0));
  const seconds = await killWorker(scene, anyWorker(scene));
  return { recovery: { seconds, limit: PROCESS_RECOVERY_S } };
}

/**
 * I2: whoever is killed is started again, as a supervisor would, only to be killed again. It is over before a task can
 * meet the third death, after which it is set aside: two leases and the wait after the second death take 30 s.
 */
async function killAgainAndAgain(scene: Scene): Promise<Performed> {
  await load(scene);
  for (let round = 1; round < scene.size.rounds; round++) {
    await sleep(500 + scene.random(1_000));
    const victim = anyWorker(scene);
    await victim.kill();
    await victim.start();
  }
  const last = anyWorker(scene);
  const seconds = await killWorker(scene, last);
  if (!last.running) await last.start();
  return { recovery: { seconds, limit: PROCESS_RECOVERY_S } };
}

/** I24: it is thought dead, and then wakes up and goes on with what others have done. */
async function freeze(scene: Scene): Promise<Performed> {
  await load(scene);
  const victim = anyWorker(scene);
  const held = await scene.heldBy(victim.pid);
  victim.pause();
  const frozen = performance.now();
  if (scene.stack === 'scaled') await scene.takenBack(held);
  const seconds = secondsSince(frozen);
  await sleep(Math.max(TWO_LEASES_MS - (performance.now() - frozen), 0));
  victim.resume();
  return scene.stack === 'scaled' ? { recovery: { seconds, limit: PROCESS_RECOVERY_S } } : {};
}

export const WORKER_ROWS: readonly Row[] = [
  { id: 'I1', fault: 'a worker is killed in the middle of its jobs', stacks: EVERYWHERE, perform: killOnce },
  {
    id: 'I2',
    fault: 'workers are killed ten times, one after the other',
    stacks: EVERYWHERE,
    perform: killAgainAndAgain,
  },
  { id: 'I24', fault: 'a worker stands still for two leases, then goes on', stacks: EVERYWHERE, perform: freeze },
];
