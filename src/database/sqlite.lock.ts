import { setTimeout as sleep } from 'node:timers/promises';
import { LockWaitTimeoutException } from '@mikro-orm/core';
import { noAnswer } from './answer.js';

/**
 * Milliseconds that a statement waits inside SQLite for another process that writes, and the whole process with it:
 * enough for most writers, too short for anybody to notice.
 */
export const BUSY_MS = 50;
/** As long again everything else has its turn, before one statement tries for all that wait. */
const PAUSE_MS = 100;
/** A little less than for a server that stands still, because those who try keep everybody else waiting. */
const PATIENCE_MS = 1_000;

/** Waits for a file that another process has locked, while this process goes on with other work. */
export class SqliteLock {
  private lockedUntil = 0;

  /**
   * Rejects with ConnectionException when the file stays locked. A statement that was refused has changed nothing.
   *
   * @param onlyReads it needs nobody who writes to be done, so it does not wait with those who do
   */
  async whenFree<T>(statement: () => T | Promise<T>, onlyReads = false): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let waits = !onlyReads; ; waits = true) {
      if (waits && this.lockedUntil > 0) await this.pause(deadline);
      try {
        return await statement();
      } catch (error) {
        if (!isLocked(error)) throw error;
        this.lockedUntil = performance.now() + PAUSE_MS;
      }
    }
  }

  private async pause(deadline: number): Promise<void> {
    for (let now = performance.now(); now < this.lockedUntil; now = performance.now()) {
      if (now >= deadline) throw noAnswer(new Error('The database is locked.'));
      await sleep(Math.min(this.lockedUntil, deadline) - now);
    }
    this.lockedUntil = 0;
  }
}

function isLocked(error: unknown): boolean {
  if (error instanceof LockWaitTimeoutException) return true;
  return error instanceof Error && 'code' in error && /^SQLITE_(?:BUSY|LOCKED)/.test(String(error.code));
}
