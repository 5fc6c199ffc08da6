import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

export interface UntilOptions {
  /** What is waited for, as it reads after "Waited in vain until": `the task is completed`. */
  readonly describe: string;
  /** Default: 5 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Asks every 10 ms whether the condition holds, and resolves with the first truthy answer. An error counts as "not yet".
 * When the time is over it throws, with the description and the last error, even if the condition itself never answers.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask(condition, deadline);
    if (answer.value) return answer.value;
    if (performance.now() >= deadline) throw inVain({ ...options, timeoutMs }, answer.error);
    await sleep(POLL_MS);
  }
}

interface Answer<T> {
  readonly value?: T;
  readonly error?: unknown;
}

async function ask<T>(condition: () => T | Promise<T>, deadline: number): Promise<Answer<T>> {
  const late = new AbortController();
  const timer = sleep(Math.max(deadline - performance.now(), 0), {}, { signal: late.signal }).catch(() => ({}));
  const answer = (async () => ({ value: await condition() }))().catch((error: unknown) => ({ error }));
  try {
    return await Promise.race([answer, timer]);
  } finally {
    late.abort();
  }
}

function inVain({ describe, timeoutMs }: Required<UntilOptions>, cause: unknown): Error {
  const reason = cause instanceof Error ? ` The last error was: ${cause.message}` : '';
  return new Error(`Waited in vain for ${timeoutMs} ms until ${describe}.${reason}`, { cause });
}
