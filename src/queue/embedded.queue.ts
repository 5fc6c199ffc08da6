import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import { EarliestFirst, type Ranked } from './earliest-first.js';
import { type Handler, type PushOptions, Queue, type QueueCounts } from './queue.js';

/** What `setTimeout` can wait for at most: 24.8 days. A longer delay ends there, and the row decides. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** After so many rings the rest of the process has its turn, even if no handler ever waits for I/O. */
const RINGS_PER_TURN = 64;

interface Ring extends Ranked {
  readonly id: string;
  state: 'delayed' | 'waiting' | 'active' | 'cancelled';
  timer?: NodeJS.Timeout;
}

interface Consumer {
  readonly concurrency: number;
  readonly handler: Handler;
}

/**
 * Rings inside one process, and costs next to nothing. What waits here is gone with the process: the rows bring it back.
 */
export class EmbeddedQueue extends Queue {
  private readonly logger = new Logger(EmbeddedQueue.name);
  /** Every ring that has not been answered to the end, by id. */
  private readonly rings = new Map<string, Ring>();
  private readonly waiting = new EarliestFirst<Ring>();
  private readonly running = new Set<Promise<void>>();
  private pushed = 0;
  private woken = 0;
  private delayed = 0;
  private consumer: Consumer | undefined;
  private isAwake = false;
  private closing: Promise<void> | undefined;

  override async push(id: string, { delayMs = 0, priority = 0 }: PushOptions = {}): Promise<void> {
    if (this.closing) throw new Error('The queue is closed.');
    if (this.rings.has(id)) return;

    const ring: Ring = { id, priority, order: this.pushed++, state: 'waiting' };
    this.rings.set(id, ring);
    if (delayMs > 0) this.delay(ring, delayMs);
    else this.enqueue(ring);
  }

  override async cancel(id: string): Promise<void> {
    const ring = this.rings.get(id);
    if (ring === undefined || ring.state === 'active') return;

    this.rings.delete(id);
    if (ring.state === 'delayed') this.delayed--;
    clearTimeout(ring.timer);
    ring.state = 'cancelled';
  }

  override async consume(concurrency: number, handler: Handler): Promise<void> {
    if (this.consumer) throw new Error('The queue has a consumer already.');
    // Otherwise a handler would run in the context of whatever request has pushed last.
    this.consumer = { concurrency, handler: AsyncLocalStorage.bind(handler) };
    this.wake();
  }

  override async counts(): Promise<QueueCounts> {
    const active = this.running.size;
    return { waiting: this.rings.size - this.delayed - active, delayed: this.delayed, active };
  }

  override warnings(): readonly string[] {
    return [];
  }

  override close(graceMs: number): Promise<void> {
    this.closing ??= this.end(graceMs);
    return this.closing;
  }

  private delay(ring: Ring, delayMs: number): void {
    this.delayed++;
    ring.state = 'delayed';
    ring.timer = setTimeout(
      () => {
        this.delayed--;
        this.enqueue(ring);
      },
      Math.min(delayMs, LONGEST_DELAY_MS),
    );
  }

  private enqueue(ring: Ring): void {
    ring.state = 'waiting';
    this.waiting.add(ring);
    this.wake();
  }

  /** Answers after the current step, so that what is pushed in one step rings in the order of its priority. */
  private wake(): void {
    if (this.isAwake || this.consumer === undefined) return;
    this.isAwake = true;
    const soon = ++this.woken % RINGS_PER_TURN === 0 ? setImmediate : queueMicrotask;
    soon(() => {
      this.isAwake = false;
      this.answerWaiting();
    });
  }

  private answerWaiting(): void {
    if (this.consumer === undefined) return;
    const { concurrency, handler } = this.consumer;
    while (!this.closing && this.running.size < concurrency) {
      const ring = this.waiting.take();
      if (ring === undefined) return;
      if (ring.state === 'waiting') this.answer(ring, handler);
    }
  }

  private answer(ring: Ring, handler: Handler): void {
    ring.state = 'active';
    const run = this.handle(ring, handler).finally(() => {
      this.running.delete(run);
      this.rings.delete(ring.id);
      this.wake();
    });
    this.running.add(run);
  }

  private async handle({ id }: Ring, handler: Handler): Promise<void> {
    try {
      await handler(id);
    } catch (error) {
      this.logger.error({ msg: 'A ring could not be answered.', id, err: error });
    }
  }

  private async end(graceMs: number): Promise<void> {
    for (const { timer } of this.rings.values()) clearTimeout(timer);
    if (this.running.size === 0) return;

    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, graceMs);
    await Promise.race([Promise.all(this.running), grace.promise]);
    clearTimeout(timer);
  }
}
