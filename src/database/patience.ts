import { setTimeout as sleep } from 'node:timers/promises';
import { problemFrom } from '../errors/problem.from.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Repeats the work as long as the database does not answer, with pauses of up to a second, until the signal ends it.
 * Rejects with any other fault at once, and with the last one after the signal. What has failed may yet have been
 * carried out, so the work must be one that may happen twice.
 */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isOutage(error)) throw error;
    }
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Whether the same may succeed when the database answers again. */
export function isOutage(error: unknown): boolean {
  return problemFrom(error).code === 'unavailable';
}
