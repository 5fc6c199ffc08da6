import { ToolyardError } from './toolyard.error.js';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** About half a minute in all, unless the server wants more: one that is started anew is back by then. */
const MOST_TRIES = 8;
/** Who is told to come again later than that does not wait. */
const LONGEST_PUT_OFF_MS = 60_000;

/** Resolves after so long. @throws the reason of the signal, as soon as it aborts */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = () => {
      clearTimeout(timer);
      reject(asError(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', refuse);
      resolve();
    }, ms);
    if (signal?.aborted) refuse();
    else signal?.addEventListener('abort', refuse, { once: true });
  });
}

/**
 * Tries again while the fault is one that may pass, each time after a longer while, and never before the server wants it.
 *
 * @param attempt what may be done twice; answers whether it came further since the last time by calling `progressed`
 */
export async function patiently<Value>(
  attempt: (progressed: () => void) => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  let tries = 0;
  const progressed = () => void (tries = 0);
  for (;;) {
    try {
      return await attempt(progressed);
    } catch (error) {
      tries += 1;
      if (!mayPass(error) || tries >= MOST_TRIES) throw error;
      await pause(Math.max(backoffMs(tries), error.retryAfterMs ?? 0), signal);
    }
  }
}

function backoffMs(tries: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
}

function mayPass(error: unknown): error is ToolyardError {
  if (!(error instanceof ToolyardError) || !error.retryable || error.code === 'task_not_finished') return false;
  return (error.retryAfterMs ?? 0) <= LONGEST_PUT_OFF_MS;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('It was aborted.', { cause: reason });
}
