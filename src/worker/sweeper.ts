import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isOutage } from '../database/patience.js';
import { Problem } from '../errors/problem.js';
import { errorDocument } from '../errors/problem.document.js';
import { FilesService } from '../files/files.service.js';
import { IdempotencyStore } from '../idempotency/idempotency.store.js';
import { Queue } from '../queue/queue.js';
import { TaskClaims } from '../tasks/task.claims.js';
import { TaskHistory } from '../tasks/task.history.js';
import { wakeId } from '../tasks/task.ring.js';
import { Settlement } from './settlement.js';

const SWEEP_MS = 5_000;
/** As long as there is much to mend. */
const HURRIED_SWEEP_MS = 500;
/** As long as something does not answer, because what got lost meanwhile is wanted as soon as it does. */
const ANXIOUS_SWEEP_MS = 1_000;
/** After a time in which nobody could renew a lease, those who live need so long to say so. */
const RENEWALS_MS = 3_000;
const MOST_PER_SWEEP = 500;
/** A task that waits for so long, while nothing else rings, has lost its ring. */
const STALE_MS = 2_000;
/** More need not be woken at once: each goes on until nothing waits, and the next sweep wakes others. */
const MOST_WAKES = 100;

const LOST = 'The worker died while it ran the task, and no attempt is left.';

/** Mends what got lost: tasks of dead workers, rings that never rang, files that should be gone. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  /** At the start every task that waits has lost its ring: the process before this one may have taken it along. */
  private staleMs = 0;
  private databaseFailed = false;
  private queueFailed = false;

  constructor(
    private readonly claims: TaskClaims,
    private readonly settlement: Settlement,
    private readonly files: FilesService,
    private readonly queue: Queue,
    private readonly keys: IdempotencyStore,
    private readonly history: TaskHistory,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.sweeping;
  }

  /** One after the other: a sweep that takes long is not overtaken by the next. */
  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweepAndGoOn();
    }, delayMs);
  }

  private async sweepAndGoOn(): Promise<void> {
    const delayMs = await this.sweep();
    if (this.timer) this.schedule(delayMs);
  }

  /** Answers after how long the next sweep is due. */
  private async sweep(): Promise<number> {
    const failedBefore = this.databaseFailed;
    this.databaseFailed = false;
    const chores = [
      () => this.ringAgain(),
      () => this.purgeFiles(),
      () => this.keys.purge(),
      () => this.claims.purge(),
      () => this.catchUp(),
    ];
    if (!failedBefore) chores.unshift(() => this.recoverLost());
    let more = false;
    for (const chore of chores) more = (await this.count(chore, failedBefore)) >= MOST_PER_SWEEP || more;

    if (this.databaseFailed || this.queueFailed) return ANXIOUS_SWEEP_MS;
    if (failedBefore) return RENEWALS_MS;
    return more ? HURRIED_SWEEP_MS : SWEEP_MS;
  }

  private async count(chore: () => Promise<number>, failedBefore: boolean): Promise<number> {
    try {
      return await chore();
    } catch (error) {
      if (!failedBefore && !this.databaseFailed) this.logger.warn({ err: error, msg: 'A sweep did not succeed.' });
      this.databaseFailed = true;
      this.staleMs = 0;
      return 0;
    }
  }

  private async recoverLost(): Promise<number> {
    const error = errorDocument(new Problem('worker_lost', LOST), null);
    const lost = await this.claims.lost(MOST_PER_SWEEP);
    for (const task of lost) {
      const settled = await this.settlement.recover(task, { type: 'crashed', error });
      this.logger.warn({
        task_id: task.id,
        tool: task.tool,
        attempt: task.attempt,
        msg: `Its worker was lost: ${settled}`,
      });
    }
    return lost.length;
  }

  /** As long as other rings wait, every worker is busy, and wakes itself with the next of them. */
  private async ringAgain(): Promise<number> {
    const stale = await this.claims.waiting(new Date(this.claims.now().getTime() - this.staleMs), MOST_WAKES);
    try {
      if (stale.length > 0) await this.wake(stale.length - (await this.queue.counts()).waiting);
      this.queueFailed = false;
      this.staleMs = STALE_MS;
    } catch (error) {
      if (!this.queueFailed) this.logger.warn({ err: error, msg: 'Tasks wait, but the queue does not answer.' });
      this.queueFailed = true;
      this.staleMs = 0;
    }
    return 0;
  }

  /** A log of events that does not answer is no reason to sweep in a hurry. */
  private async catchUp(): Promise<number> {
    try {
      return await this.history.catchUp();
    } catch (error) {
      if (isOutage(error)) throw error;
      this.logger.warn({ err: error, msg: 'Whether the end of every task was told is not known now.' });
      return 0;
    }
  }

  private async wake(workers: number): Promise<void> {
    await Promise.all(Array.from({ length: Math.max(workers, 0) }, () => this.queue.push(wakeId())));
  }

  /** A disk that cannot be written to is no reason to leave the tasks of dead workers alone. */
  private async purgeFiles(): Promise<number> {
    try {
      const purged = await this.files.purge(MOST_PER_SWEEP);
      if (purged > 0) this.logger.log(`${purged} expired files purged`);
      return purged;
    } catch (error) {
      if (isOutage(error)) throw error;
      this.logger.warn({ err: error, msg: 'Expired files could not be removed.' });
      return 0;
    }
  }
}
