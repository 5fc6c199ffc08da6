import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Problem } from '../errors/problem.js';
import { errorDocument } from '../errors/problem.document.js';
import { FilesService } from '../files/files.service.js';
import { Queue } from '../queue/queue.js';
import { TaskClaims } from '../tasks/task.claims.js';
import { ringId } from '../tasks/task.ring.js';
import { Settlement } from './settlement.js';

const SWEEP_MS = 5_000;
const MOST_PER_SWEEP = 500;

/** Mends what got lost: tasks of dead workers, rings that never rang, files that should be gone. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

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
      this.sweeping = this.sweep()
        .then(() => this.timer && this.schedule(SWEEP_MS))
        .then(() => undefined);
    }, delayMs);
  }

  private async sweep(): Promise<void> {
    const chores = [() => this.recoverLost(), () => this.ringAgain(), () => this.purgeFiles(), () => this.purgeTasks()];
    for (const chore of chores) {
      await chore().catch((error: unknown) => this.logger.warn({ err: error, msg: 'A sweep did not succeed.' }));
    }
  }

  private async recoverLost(): Promise<void> {
    const error = errorDocument(
      new Problem('worker_lost', 'The worker died while it ran the task, and no attempt is left.'),
      null,
    );
    for (const task of await this.claims.lost(MOST_PER_SWEEP)) {
      const settled = await this.settlement.recover(task, { type: 'crashed', error });
      this.logger.warn({
        task_id: task.id,
        tool: task.tool,
        attempt: task.attempt,
        msg: `The worker was lost; the task ${settled}.`,
      });
    }
  }

  private async ringAgain(): Promise<void> {
    for (const task of await this.claims.stale(MOST_PER_SWEEP))
      await this.queue.push(ringId(task), { priority: task.priority });
  }

  private async purgeFiles(): Promise<void> {
    const purged = await this.files.purge(MOST_PER_SWEEP);
    if (purged > 0) this.logger.log(`${purged} expired files purged`);
  }

  private async purgeTasks(): Promise<void> {
    await this.claims.purge();
  }
}
