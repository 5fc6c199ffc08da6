import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config/config.js';
import { patiently } from '../database/patience.js';
import { Queue } from '../queue/queue.js';
import { taskEvents } from '../tasks/task.channels.js';
import { TaskClaims } from '../tasks/task.claims.js';
import type { Task } from '../tasks/task.entity.js';
import { toolsChanged } from '../tools/installed/installed.channels.js';
import { isWake, wakeId } from '../tasks/task.ring.js';
import { LeaseKeeper, type Running } from './lease.keeper.js';
import { Settlement } from './settlement.js';
import { ToolRunner } from './tool.runner.js';

/** How long ended runs may take to settle, after the period of grace. */
const SETTLE_GRACE_MS = 5_000;

/** Answers the queue: claim, run, settle. */
@Injectable()
export class Runner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Runner.name);
  private claiming: Promise<unknown> = Promise.resolve();
  /** Nothing new is taken. */
  private readonly stopping = new AbortController();
  /** Nothing is waited for any more. */
  private readonly leaving = new AbortController();
  private forgetTools = (): void => {};

  constructor(
    private readonly config: Config,
    private readonly queue: Queue,
    private readonly claims: TaskClaims,
    private readonly leases: LeaseKeeper,
    private readonly toolRunner: ToolRunner,
    private readonly settlement: Settlement,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // What waits may be for a tool that this worker did not have, and its ring is gone.
    this.forgetTools = toolsChanged.subscribe(() => void this.passOn());
    await this.queue.consume(this.config.WORKER_CONCURRENCY, (ring) => this.answer(ring));
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { SHUTDOWN_GRACE_MS } = this.config;
    this.stopping.abort();
    this.forgetTools();
    const closing = this.queue.close(SHUTDOWN_GRACE_MS + SETTLE_GRACE_MS);
    const stop = setTimeout(() => this.leases.stopAll(), SHUTDOWN_GRACE_MS);
    await closing;
    clearTimeout(stop);
    this.leaving.abort();
  }

  /**
   * A ring says only that something waits; which task is next is the database's word. The rings of a tool, or a user,
   * that had as many runs as it may were in vain, so whoever ends one of them looks again; so does who was woken up.
   */
  private async answer(ring: string): Promise<void> {
    let running = await this.claim();
    while (running) {
      await this.execute(running);
      const looksAgain = isWake(ring) || this.isLimited(running.task);
      this.leases.end(running);
      running = looksAgain ? await this.claim() : undefined;
    }
  }

  private isLimited({ tool }: Task): boolean {
    return this.config.USER_CONCURRENCY !== undefined || !this.toolRunner.hasRoom(tool);
  }

  /** One claim after the other: which tools are free must not change between the question and the answer. */
  private claim(): Promise<Running | undefined> {
    const claimed = this.claiming.then(() => this.claimPatiently());
    this.claiming = claimed.catch(() => undefined);
    return claimed;
  }

  /** Waits for a database that does not answer: otherwise the ring would be lost, and the task wait for the sweeper. */
  private async claimPatiently(): Promise<Running | undefined> {
    let isFirst = true;
    const next = async () => {
      if (this.stopping.signal.aborted) return this.passOn();
      const [missed] = isFirst ? [] : await this.claims.owned(this.leases.worker, this.leases.ids());
      isFirst = false;
      const claimable = { ...this.toolRunner.free(), userConcurrency: this.config.USER_CONCURRENCY };
      return missed ?? this.claims.claim(this.leases.worker, claimable);
    };
    const task = await patiently(next, this.stopping.signal);
    return task && this.leases.begin(task);
  }

  /** Rings once more: for a worker that is idle, or for this one. */
  private async passOn(): Promise<undefined> {
    await this.queue.push(wakeId()).catch(() => {});
  }

  private async execute(running: Running): Promise<void> {
    const { task } = running;
    taskEvents.publish({ type: 'status', task });
    try {
      const verdict = await this.toolRunner.run(running);
      await this.leases.conclude(running);
      const settled = await this.settlement.settle(task, verdict, this.leaving.signal);
      this.logger.log({ task_id: task.id, tool: task.tool, attempt: task.attempt, msg: settled });
    } catch (error) {
      this.logger.error({ task_id: task.id, err: error, msg: 'A run could not be settled; its lease will end.' });
    }
  }
}
