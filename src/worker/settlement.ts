import { Injectable, Logger } from '@nestjs/common';
import { FilesService } from '../files/files.service.js';
import { Queue } from '../queue/queue.js';
import { taskFinished } from '../tasks/task.channels.js';
import type { Task } from '../tasks/task.entity.js';
import type { TaskStatus } from '../tasks/task.status.js';
import { ringId } from '../tasks/task.ring.js';
import { type Lease, type TaskChange, TaskStore } from '../tasks/task.store.js';
import type { Verdict } from './verdict.js';

const FIRST_RETRY_MS = 1_000;

/** Writes what became of a run, in one conditional statement: of two workers that think they own it, one wins. */
@Injectable()
export class Settlement {
  private readonly logger = new Logger(Settlement.name);

  constructor(
    private readonly store: TaskStore,
    private readonly files: FilesService,
    private readonly queue: Queue,
  ) {}

  /** Answers where the task went, in words for the log. */
  async settle(task: Task, verdict: Verdict): Promise<string> {
    switch (verdict.type) {
      case 'completed':
        return this.complete(task, verdict);
      case 'failed':
        return this.finish(task, 'failed', { error: verdict.error, usage: verdict.usage ?? null });
      case 'crashed':
        if (task.attempt >= task.maxAttempts) return this.finish(task, 'failed', { error: verdict.error });
        return this.again(task, FIRST_RETRY_MS * 2 ** (task.attempt - 1) * (0.5 + Math.random()));
      case 'released':
        return this.again({ ...task, attempt: task.attempt - 1 }, 0, task.attempt);
      case 'lost':
        return 'was taken away';
      default:
        return verdict satisfies never;
    }
  }

  /** A task whose worker is lost: another attempt, or the end. */
  recover(task: Task, verdict: Verdict & { type: 'crashed' }): Promise<string> {
    return task.attempt >= task.maxAttempts
      ? this.finish(task, 'failed', { error: verdict.error })
      : this.again(task, 0);
  }

  private async complete(task: Task, { outputs, data, usage }: Verdict & { type: 'completed' }): Promise<string> {
    const change = { outputs: [...outputs], data, usage, progressRatio: 1, progressMessage: null };
    const settled = await this.finish(task, 'completed', change);
    if (settled !== 'completed') for (const { file_id } of outputs) await this.files.discard(file_id);
    return settled;
  }

  private async finish(task: Task, status: TaskStatus, change: TaskChange): Promise<string> {
    const finishedAt = new Date();
    const expiresAt = this.files.expiry(finishedAt);
    if (!(await this.store.settle(lease(task), status, { ...change, finishedAt, expiresAt }))) return 'was taken away';
    const runSeconds = task.startedAt ? (finishedAt.getTime() - task.startedAt.getTime()) / 1000 : undefined;
    taskFinished.publish({ tool: task.tool, status, runSeconds });
    return status;
  }

  private async again(task: Task, delayMs: number, attempt = task.attempt): Promise<string> {
    // Never the same moment as before, because it makes the ring another one.
    const availableAt = new Date(Math.max(Date.now() + delayMs, task.availableAt.getTime() + 1));
    const change = {
      attempt: task.attempt,
      availableAt,
      statusReason: 'retry_at',
      progressRatio: 0,
      progressMessage: null,
    };
    if (!(await this.store.settle({ ...lease(task), attempt }, 'pending', change))) return 'was taken away';
    await this.queue
      .push(ringId({ id: task.id, availableAt }), { delayMs, priority: task.priority })
      .catch((error: unknown) => {
        this.logger.warn({ task_id: task.id, err: error, msg: 'The queue does not answer; the sweeper will ring.' });
      });
    return 'is tried again';
  }
}

function lease({ id, attempt, leaseOwner }: Task): Lease {
  return { id, attempt, leaseOwner: leaseOwner ?? '' };
}
