import { Injectable, Logger } from '@nestjs/common';
import { isOutage, patiently } from '../database/patience.js';
import { Problem } from '../errors/problem.js';
import { type ErrorDocument, errorDocument } from '../errors/problem.document.js';
import { FilesService } from '../files/files.service.js';
import { Queue } from '../queue/queue.js';
import { forgotten } from '../tasks/secrets/task.secrets.js';
import { taskEvents } from '../tasks/task.channels.js';
import type { Task } from '../tasks/task.entity.js';
import type { TaskStatus } from '../tasks/task.status.js';
import { ringId } from '../tasks/task.ring.js';
import { type Lease, type TaskChange, TaskStore } from '../tasks/task.store.js';
import { outputGroup } from './output.group.js';
import type { Verdict } from './verdict.js';

const FIRST_RETRY_MS = 1_000;
/** Whatever else has ended two workers may be over by then, and tasks that lost theirs together do not run together again. */
const SECOND_DEATH_MS = 20_000;
/** A task in whose runs so many workers died would probably take the next one along, too. */
const DEADLY = 3;
/** Somebody else has moved the task. */
const TAKEN_AWAY = 'was taken away';
/** For whoever comes again later anyway. */
const ONCE = AbortSignal.abort();

type Completed = Verdict & { readonly type: 'completed' };

/** Writes what became of a run, in one conditional statement: of two workers that think they own it, one wins. */
@Injectable()
export class Settlement {
  private readonly logger = new Logger(Settlement.name);

  constructor(
    private readonly store: TaskStore,
    private readonly files: FilesService,
    private readonly queue: Queue,
  ) {}

  /**
   * Answers where the task went, in words for the log. Waits for a database that does not answer, until the signal: what
   * a run has brought is kept as long as nobody else has taken the task.
   */
  async settle(task: Task, verdict: Verdict, signal: AbortSignal): Promise<string> {
    switch (verdict.type) {
      case 'completed':
        return this.complete(task, verdict, signal);
      case 'failed':
        return this.finish(
          task,
          'failed',
          { error: verdict.error, usage: verdict.usage ?? null, ...verdict.ran },
          signal,
        );
      case 'crashed':
        if (task.attempt >= task.maxAttempts) return this.finish(task, 'failed', { error: verdict.error }, signal);
        return this.again(task, spread(FIRST_RETRY_MS * 2 ** (task.attempt - 1)), signal);
      case 'released':
        return this.again(task, 0, signal, task.attempt - 1);
      case 'lost':
        return TAKEN_AWAY;
      default:
        return verdict satisfies never;
    }
  }

  /**
   * A task whose worker is lost: another attempt, or the end. Whoever takes its lease back counts the death, and removes
   * the outputs that the worker may have stored and that no row names.
   */
  async recover(task: Task, verdict: Verdict & { type: 'crashed' }): Promise<string> {
    const settled = await this.takeBack(task, verdict);
    if (settled !== TAKEN_AWAY) await this.files.discardGroup(task.owner, outputGroup(task));
    return settled;
  }

  private async takeBack(task: Task, verdict: Verdict & { type: 'crashed' }): Promise<string> {
    const deaths = task.deaths + 1;
    if (deaths >= DEADLY) return this.finish(task, 'failed', { deaths, error: poisonous() }, ONCE);
    return task.attempt >= task.maxAttempts
      ? this.finish(task, 'failed', { deaths, error: verdict.error }, ONCE)
      : this.again({ ...task, deaths }, deaths > 1 ? spread(SECOND_DEATH_MS) : 0, ONCE);
  }

  private async complete(task: Task, verdict: Completed, signal: AbortSignal): Promise<string> {
    const { outputs, data, usage, ran } = verdict;
    const change = { outputs: [...outputs], data, usage, ...ran, progressRatio: 1, progressMessage: null };
    const settled = await this.finish(task, 'completed', change, signal).catch((error: unknown) => {
      // Whoever does not know whether the row names the files must leave them: they expire.
      if (isOutage(error)) throw error;
      return error;
    });
    if (settled !== 'completed') await this.files.undo(outputs.map(({ file_id }) => file_id));
    if (typeof settled !== 'string') throw settled;
    return settled;
  }

  private async finish(task: Task, status: TaskStatus, what: TaskChange, signal: AbortSignal): Promise<string> {
    const finishedAt = this.store.now();
    const expiresAt = this.files.expiry(finishedAt);
    const change = { ...what, finishedAt, expiresAt, sources: null, secrets: forgotten(task) };
    if (!(await this.write(task, status, change, signal))) return TAKEN_AWAY;
    tell(task, status, change);
    return status;
  }

  private async again(task: Task, delayMs: number, signal: AbortSignal, attempt = task.attempt): Promise<string> {
    // Never the same moment as before, because it makes the ring another one.
    const availableAt = new Date(Math.max(this.store.now().getTime() + delayMs, task.availableAt.getTime() + 1));
    const change = {
      attempt,
      deaths: task.deaths,
      availableAt,
      statusReason: 'retry_at',
      progressRatio: 0,
      progressMessage: null,
    };
    if (!(await this.write(task, 'pending', change, signal))) return TAKEN_AWAY;
    tell(task, 'pending', change);
    await this.queue
      .push(ringId({ id: task.id, availableAt }), { delayMs, priority: task.priority })
      .catch((error: unknown) => {
        this.logger.warn({ task_id: task.id, err: error, msg: 'The queue does not answer; the sweeper will ring.' });
      });
    return 'is tried again';
  }

  /** Whether the task went where it should, by this attempt or by one before whose answer never came. */
  private write(task: Task, to: TaskStatus, change: TaskChange, signal: AbortSignal): Promise<boolean> {
    const held = lease(task);
    let isFirst = true;
    return patiently(async () => {
      const wasFirst = isFirst;
      isFirst = false;
      if (await this.store.settle(held, to, change)) return true;
      return (
        !wasFirst && (await this.store.isSettled({ ...held, attempt: change.attempt ?? held.attempt }, to, change))
      );
    }, signal);
  }
}

function tell(task: Task, status: TaskStatus, change: TaskChange): void {
  taskEvents.publish({ type: 'status', task: { ...task, ...change, status, leaseOwner: null, leaseExpiresAt: null } });
}

function poisonous(): ErrorDocument {
  const message = `${DEADLY} workers died while they ran the task, so it is not tried again.`;
  return errorDocument(new Problem('task_poisonous', message), null);
}

/** From half to one and a half of it, so that what failed together is not tried again together. */
function spread(ms: number): number {
  return ms * (0.5 + Math.random());
}

function lease({ id, attempt, leaseOwner }: Task): Lease {
  return { id, attempt, leaseOwner: leaseOwner ?? '' };
}
