export interface PushOptions {
  /** Milliseconds before the bell rings; at most 2^31 - 1, which is 24 days. */
  readonly delayMs?: number;
  /** A higher one rings earlier. 0 is the usual one. */
  readonly priority?: number;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
}

/** Answers one ring. What it throws is logged; the ring is not repeated, because the row decides. */
export type Handler = (id: string) => Promise<void>;

/**
 * A doorbell, not a database: it carries ids, never state. It may ring twice for one id, and it may lose a ring.
 * The row is the truth, and whoever answers must claim one first.
 */
export abstract class Queue {
  /**
   * Rings for `id`, which is unique per attempt: pushed again before its ring has been answered to the end, it rings once.
   * So whoever rings again because a ring may be lost uses another id. Rejects within 2 s, and when the queue is closed.
   */
  abstract push(id: string, options?: PushOptions): Promise<void>;
  /** Takes a waiting ring back. One that has rung, or never was, is no fault. */
  abstract cancel(id: string): Promise<void>;
  /** Calls the handler for each ring, at most `concurrency` at a time. Called once per process. */
  abstract consume(concurrency: number, handler: Handler): Promise<void>;
  /** How many rings there are. Rejects within 2 s when that cannot be known. */
  abstract counts(): Promise<QueueCounts>;
  /** Sentences for the operator: what is set so that rings may be lost, and what to do. Empty when all is well. */
  abstract warnings(): readonly string[];
  /**
   * Stops answering, waits up to `graceMs` for the running handlers, and lets go of every connection. Never rejects; may
   * be called again.
   */
  abstract close(graceMs: number): Promise<void>;
}
