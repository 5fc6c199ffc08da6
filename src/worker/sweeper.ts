import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Problem } from '../errors/problem.js';
import { errorDocument } from '../errors/problem.document.js';
import { FilesService } from '../files/files.service.js';
import { Queue } from '../queue/queue.js';
import { TaskClaims } from '../tasks/task.claims.js';
import { secondRingId } from '../tasks/task.ring.js';
import { Settlement } from './settlement.js';

const SWEEP_MS = 5_000;
/** As long as there is much to mend. */
const HURRIED_SWEEP_MS = 500;
const MOST_PER_SWEEP = 500;
/** A task that waits for so long has probably lost its ring. */
const STALE_MS = 10_000;

const LOST = 'The worker died while it ran the task, and no attempt is left.';

/** Mends what got lost: tasks of dead workers, rings that never rang, files that should be gone. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  /** At the start every task that waits is rung for: the process before this one may have taken its rings along. */
  private staleMs = 0;

  constructor(
    private readonly claims: TaskClaims,
    private readonly settlement: Settlement,
    private readonly files: FilesService,
    private readonly queue: Queue,
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
    const more = await this.sweep();
    if (this.timer) this.schedule(more ? HURRIED_SWEEP_MS : SWEEP_MS);
  }

  /** Answers whether there was more to mend than is done in one sweep. */
  private async sweep(): Promise<boolean> {
    let more = false;
    for (const chore of [
      () => this.recoverLost(),
      () => this.ringAgain(),
      () => this.purgeFiles(),
      () => this.claims.purge(),
    ]) {
      more = (await this.count(chore)) >= MOST_PER_SWEEP || more;
    }
    return more;
  }

  private async count(chore: () => Promise<number>): Promise<number> {
    try {
      return await chore();
    } catch (error) {
      this.logger.warn({ err: error, msg: 'A sweep did not succeed.' });
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

  private async ringAgain(): Promise<number> {
    const waiting = await this.claims.waiting(new Date(Date.now() - this.staleMs), MOST_PER_SWEEP);
    for (const task of waiting) await this.queue.push(secondRingId(task), { priority: task.priority });
    this.staleMs = STALE_MS;
    return waiting.length;
  }

  private async purgeFiles(): Promise<number> {
    const purged = await this.files.purge(MOST_PER_SWEEP);
    if (purged > 0) this.logger.log(`${purged} expired files purged`);
    return purged;
  }
}
