import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { TaskStore } from './task.store.js';

/** How long a count is believed. */
const FRESH_MS = 1_000;
const RETRY_SECONDS = 10;
/** One part of so many is kept free; and who has as small a part of that may still use it. */
const PARTS = 10;

/**
 * Refuses new tasks when too many wait already. Pending rows are counted once a second, and again when those that this
 * process has added since could have filled the queue; so as long as there is room a creation costs no count of its own.
 * Several API processes together can exceed the limit by what they create in a second.
 *
 * Nobody fills the queue for all: the last tenth is for owners of whom less than a hundredth waits.
 */
@Injectable()
export class Backlog {
  private readonly limit: number;
  private readonly reserve: number;
  private waiting = 0;
  private addedSince = 0;
  private countedAt = -Infinity;
  private counting: Promise<void> | undefined;

  constructor(
    config: Config,
    private readonly store: TaskStore,
  ) {
    this.limit = config.MAX_PENDING_TASKS;
    this.reserve = Math.floor(this.limit / PARTS);
  }

  /** @throws Problem `queue_full` */
  async refuseWhenFull(owner: string): Promise<void> {
    if (this.isDoubtful()) await (this.counting ??= this.count());
    const room = this.limit - this.waiting - this.addedSince;
    if (room > this.reserve) return;
    if (room <= 0) throw full(`${this.limit} tasks are waiting, and no more are taken. Try again later.`);
    if (await this.hasMany(owner))
      throw full('Nearly as many tasks are waiting as may, many of them yours: the rest of the room is for others.');
  }

  added(): void {
    this.addedSince += 1;
  }

  private hasMany(owner: string): Promise<boolean> {
    return this.store.hasPending(owner, Math.max(1, Math.floor(this.reserve / PARTS)));
  }

  /** Whether the count is old, or says "full" only because of tasks that may have been claimed by now. */
  private isDoubtful(): boolean {
    const isFullByAdding = this.addedSince > 0 && this.waiting + this.addedSince >= this.limit;
    return isFullByAdding || performance.now() - this.countedAt > FRESH_MS;
  }

  private async count(): Promise<void> {
    try {
      this.waiting = await this.store.countPending();
      this.addedSince = 0;
      this.countedAt = performance.now();
    } finally {
      this.counting = undefined;
    }
  }
}

function full(message: string): Problem {
  return new Problem('queue_full', message, { headers: { 'retry-after': String(RETRY_SECONDS) } });
}
