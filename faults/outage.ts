import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_RECOVERY_S } from './checker/recovery.ts';
import type { Performed } from './row.ts';
import type { Scene } from './scene.ts';
import { echo } from './work.ts';

const ASK_EVERY_MS = 400;

/**
 * Breaks a server, works on it for as long as an outage lasts, and mends it: clients go on asking all the while, and
 * must be answered in time. The recovery is counted from the moment at which the server is back.
 */
export async function during(
  scene: Scene,
  breakIt: () => unknown,
  work: () => Promise<unknown>,
  mendIt: () => unknown,
): Promise<Performed> {
  await breakIt();
  const end = performance.now() + scene.size.outageMs;
  await Promise.all([work(), askUntil(scene, end)]);
  await mendIt();
  const seconds = await scene.secondsUntilWorking();
  return { recovery: { seconds, limit: SERVER_RECOVERY_S }, answersInTime: true };
}

/** What a user does who does not know that something is broken. */
async function askUntil({ client }: Scene, end: number): Promise<void> {
  while (performance.now() < end) {
    await Promise.all([client.submit(echo('meanwhile', 0)), client.lookAtAll(), client.isReady()]);
    await sleep(ASK_EVERY_MS);
  }
}
