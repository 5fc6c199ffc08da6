/** How often something may happen. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

export interface Verdict {
  readonly allowed: boolean;
  /** How often it may still happen now. */
  readonly remaining: number;
  /** When to ask again, in milliseconds; 0 when allowed. */
  readonly retryAfterMs: number;
}

/**
 * Counts what happens under a key, and says when it is too much: in no span of `windowMs` are there more than `limit`
 * that were allowed. What was refused does not count, so that insisting does not prolong the wait.
 */
export abstract class RateLimiter {
  /** Never rejects, and never takes long: whoever asks holds up a request. */
  abstract hit(key: string, rate: Rate): Promise<Verdict>;
}
