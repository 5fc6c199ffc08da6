import type { PlatformProcess } from '../test/platform.ts';
import type { Scene } from './scene.ts';

/** Seconds since a moment that `performance.now()` gave. */
export function secondsSince(moment: number): number {
  return (performance.now() - moment) / 1_000;
}

/** One of the workers; where there is one process only, that one. */
export function anyWorker({ workers, random }: Scene): PlatformProcess {
  const victim = workers[random(workers.length)];
  if (!victim) throw new Error('There is no worker.');
  return victim;
}

/**
 * Kills a worker with SIGKILL, and answers the seconds until all that it had runs elsewhere. Where it was the only
 * process, it is started again at once; else the others must do without it.
 */
export async function killWorker(scene: Scene, victim: PlatformProcess): Promise<number> {
  const { pid } = victim;
  await victim.kill();
  const killed = performance.now();
  const held = await scene.heldBy(pid);
  if (scene.stack === 'embedded') await victim.start();
  await scene.takenBack(held);
  return secondsSince(killed);
}
