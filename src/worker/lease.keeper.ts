import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Events } from '../events/events.js';
import { TASK_CANCELLED, type TaskLine } from '../tasks/task.channels.js';
import { TaskClaims } from '../tasks/task.claims.js';
import type { Task } from '../tasks/task.entity.js';
import { TaskLogs } from '../tasks/task.logs.js';
import { RunReport } from './run.report.js';

const RENEWAL_MS = 1_000;

/** A task that runs here. */
export interface Running {
  readonly task: Task;
  readonly signal: AbortSignal;
  /** Takes what the run says of itself. */
  readonly report: RunReport;
}

/** Why a run is ended from here: it is no longer ours, or this worker stops. */
export type StopReason = 'lost' | 'shutdown';

interface Entry extends Running {
  readonly controller: AbortController;
}

/**
 * Tells the database once a second that the tasks of this worker are alive, and how far they are. A task that is not
 * ours any more, because a user cancelled it or because we were thought dead, is ended.
 */
@Injectable()
export class LeaseKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  /** This worker, as it stands in the rows. */
  readonly worker = `${hostname()}:${process.pid}:${randomUUID()}`;
  private readonly logger = new Logger(LeaseKeeper.name);
  private readonly running = new Map<string, Entry>();
  private unsubscribe: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;

  constructor(
    private readonly claims: TaskClaims,
    private readonly events: Events,
    private readonly logs: TaskLogs,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.events.subscribe(TASK_CANCELLED, (id) => this.stop(id, 'lost'));
    this.timer = setInterval(() => void this.renew(), RENEWAL_MS);
  }

  onApplicationShutdown(): void {
    this.unsubscribe?.();
    clearInterval(this.timer);
  }

  /** How often each tool runs here. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { task } of this.running.values()) counts.set(task.tool, (counts.get(task.tool) ?? 0) + 1);
    return counts;
  }

  begin(task: Task): Running {
    const controller = new AbortController();
    const entry: Entry = { task, controller, signal: controller.signal, report: new RunReport(task) };
    // An attempt before it may still run here: it was taken for dead, and this worker was given the next one.
    this.stop(task.id, 'lost');
    this.running.set(task.id, entry);
    return entry;
  }

  end(running: Running): void {
    const { id } = running.task;
    if (this.running.get(id) === running) this.running.delete(id);
  }

  /** To be called before the task is settled: nothing is told of the run after its end, and its log is whole by then. */
  async conclude({ task, report }: Running): Promise<void> {
    report.end();
    await this.saveLines(task, report, report.takeUnsaved().lines);
  }

  /** The tasks that run here. */
  ids(): string[] {
    return [...this.running.keys()];
  }

  /** Ends everything that still runs. */
  stopAll(): void {
    for (const id of this.running.keys()) this.stop(id, 'shutdown');
  }

  private stop(id: string, reason: StopReason): void {
    this.running.get(id)?.controller.abort(reason);
  }

  private async renew(): Promise<void> {
    const ids = this.ids();
    if (ids.length === 0 || this.isRenewing) return;
    this.isRenewing = true;
    try {
      const kept = new Set(await this.claims.renew(this.worker, ids));
      ids.filter((id) => !kept.has(id)).forEach((id) => this.stop(id, 'lost'));
      await Promise.all([...this.running.values()].map((entry) => this.save(entry)));
    } catch (error) {
      this.logger.warn({ err: error, msg: 'The leases cannot be renewed now.' });
    } finally {
      this.isRenewing = false;
    }
  }

  private async save({ task, report }: Entry): Promise<void> {
    const { progress, lines } = report.takeUnsaved();
    await this.saveLines(task, report, lines);
    if (!progress) return;
    await this.claims.progress({ ...task, leaseOwner: this.worker }, progress.ratio, progress.message);
  }

  /** What cannot be saved now is tried once more with the next renewal. */
  private async saveLines({ id }: Task, report: RunReport, lines: readonly TaskLine[]): Promise<void> {
    if (lines.length === 0) return;
    try {
      await this.logs.add(id, lines);
    } catch (error) {
      report.giveBack(lines);
      this.logger.warn({ task_id: id, err: error, msg: 'The lines of a tool cannot be saved now.' });
    }
  }
}
