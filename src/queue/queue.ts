export interface PushOptions {
  /** Milliseconds before the bell rings. */
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
  /** Rings for `id` (unique per attempt: the same id pushed again while it waits rings once). Rejects within 2 s. */
  abstract push(id: string, options?: PushOptions): Promise<void>;
  /** Takes a waiting ring back. One that has rung, or never was, is no fault. */
  abstract cancel(id: string): Promise<void>;
  /** Calls the handler for each ring, at most `concurrency` at a time. Called once per process. */
  abstract consume(concurrency: number, handler: Handler): Promise<void>;
  /** How many rings there are. Rejects within 2 s when that cannot be known. */
  abstract counts(): Promise<QueueCounts>;
  /** Stops answering, waits up to `graceMs` for the running handlers, and lets go of every connection. */
  abstract close(graceMs: number): Promise<void>;
}
