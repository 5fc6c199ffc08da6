import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Queue } from '../queue/queue.js';
import { taskStarted } from '../tasks/task.channels.js';
import { TaskClaims } from '../tasks/task.claims.js';
import type { Task } from '../tasks/task.entity.js';
import { LeaseKeeper } from './lease.keeper.js';
import { Settlement } from './settlement.js';
import { ToolRunner } from './tool.runner.js';

/** Running tasks may go on for so long when this worker is asked to stop; then they return to the queue. */
const SHUTDOWN_GRACE_MS = 10_000;
/** How long ended runs may take to settle, after that. */
const SETTLE_GRACE_MS = 5_000;

/** Answers the queue: claim, run, settle. */
@Injectable()
export class Runner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Runner.name);

  constructor(
    private readonly config: Config,
    private readonly queue: Queue,
    private readonly claims: TaskClaims,
    private readonly leases: LeaseKeeper,
    private readonly toolRunner: ToolRunner,
    private readonly settlement: Settlement,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.consume(this.config.WORKER_CONCURRENCY, () => this.answer());
  }

  async beforeApplicationShutdown(): Promise<void> {
    const closing = this.queue.close(SHUTDOWN_GRACE_MS + SETTLE_GRACE_MS);
    const stop = setTimeout(() => this.leases.stopAll(), SHUTDOWN_GRACE_MS);
    await closing;
    clearTimeout(stop);
  }

  /** A ring says only that something waits; which task is next is the database's word. */
  private async answer(): Promise<void> {
    const task = await this.claims.claim(this.leases.worker, this.toolRunner.busyTools());
    if (task) await this.execute(task);
  }

  private async execute(task: Task): Promise<void> {
    const running = this.leases.begin(task);
    tell(task);
    try {
      const verdict = await this.toolRunner.run(running);
      const settled = await this.settlement.settle(task, verdict);
      this.logger.log({ task_id: task.id, tool: task.tool, attempt: task.attempt, msg: settled });
    } finally {
      this.leases.end(running);
    }
  }
}

function tell({ tool, createdAt, startedAt }: Task): void {
  const waitSeconds = ((startedAt ?? createdAt).getTime() - createdAt.getTime()) / 1000;
  taskStarted.publish({ tool, waitSeconds });
}
