import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { TaskStore } from './task.store.js';

/** How long a count is believed. */
const FRESH_MS = 1_000;
const RETRY_SECONDS = 10;

/**
 * Refuses new tasks when too many wait already. Pending rows are counted once a second, and again when those that this
 * process has added since could have filled the queue; so as long as there is room a creation costs no count of its own.
 * Several API processes together can exceed the limit by what they create in a second.
 */
@Injectable()
export class Backlog {
  private readonly limit: number;
  private waiting = 0;
  private addedSince = 0;
  private countedAt = -Infinity;
  private counting: Promise<void> | undefined;

  constructor(
    config: Config,
    private readonly store: TaskStore,
  ) {
    this.limit = config.MAX_PENDING_TASKS;
  }

  /** @throws Problem `queue_full` */
  async refuseWhenFull(): Promise<void> {
    if (this.isDoubtful()) await (this.counting ??= this.count());
    if (this.waiting + this.addedSince < this.limit) return;
    throw new Problem('queue_full', `${this.limit} tasks are waiting, and no more are taken. Try again later.`, {
      headers: { 'retry-after': String(RETRY_SECONDS) },
    });
  }

  added(): void {
    this.addedSince += 1;
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
