import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import type { Statement } from '../database/rows.js';
import { Problem } from '../errors/problem.js';
import { Events } from '../events/events.js';
import { FilesService } from '../files/files.service.js';
import { Queue } from '../queue/queue.js';
import type { Tool } from '../tools/tool.js';
import { forgotten } from './secrets/task.secrets.js';
import { FILE_IMPORT, isBuiltIn } from './sources/built-in.js';
import { Backlog } from './task.backlog.js';
import { TASK_CANCELLED, taskEvents } from './task.channels.js';
import { TaskAccess } from './task.access.js';
import { sizeOf, type Task, type TaskFile } from './task.entity.js';
import { ringId } from './task.ring.js';
import { isTerminal } from './task.status.js';
import { TaskStore } from './task.store.js';

const MAX_ATTEMPTS = 3;

export interface NewTask {
  readonly id: string;
  readonly inputs: readonly TaskFile[];
  /** Those that are to be fetched; see TaskSources. */
  readonly sources: string | null;
  /** Checked, and with their defaults. */
  readonly options: Record<string, unknown>;
  /** Those that nobody may read; see TaskSecrets. */
  readonly secrets?: string | null;
  readonly tag: string | null;
  /** Checked; see TaskCallbacks. */
  readonly callbackUrl: string | null;
  /** 0 to 9; a higher one is claimed earlier. */
  readonly priority: number;
  /** See cacheKey; null: nobody promises that it would have the result of another. */
  readonly cacheKey?: string | null;
  /** What is known already: then nothing has to run. */
  readonly known?: KnownResult | undefined;
  readonly retryOf?: string;
}

/** A tool, or what a worker does without one. */
export type Runnable = Tool | typeof FILE_IMPORT;

/** The result of an earlier task. */
export type KnownResult = Pick<Task, 'outputs' | 'data' | 'toolHash' | 'limits'>;

/** What happens to rows in the transaction that creates the task. When it changes nothing, there is no task either. */
export type Alongside = (task: Task) => Statement[];

/** What clients do with tasks. */
@Injectable()
export class TasksService {
  private readonly logger = new Logger(TasksService.name);

  constructor(
    private readonly store: TaskStore,
    private readonly queue: Queue,
    private readonly files: FilesService,
    private readonly events: Events,
    private readonly backlog: Backlog,
    private readonly access: TaskAccess,
  ) {}

  /**
   * The task exists as soon as its row does. A ring that is lost now is repeated by the sweeper.
   *
   * @returns undefined when something alongside changed nothing: then there is no task
   * @throws Problem `queue_full`
   */
  async create(actor: Actor, tool: Runnable, wanted: NewTask, alongside: Alongside): Promise<Task | undefined> {
    await this.backlog.refuseWhenFull(actor.id);
    const { known } = wanted;
    const waiting = newTask(actor, tool, wanted, this.store.now());
    const task = known ? this.finished(waiting, known) : waiting;
    if (!(await this.store.insert(task, ...alongside(task)))) return undefined;
    taskEvents.publish({ type: 'status', task });
    if (known) return task;
    this.backlog.added();
    await this.ring(task);
    return task;
  }

  /** Ends the task, whether it waits or runs. Cancelling a cancelled task again changes nothing. */
  async cancel(actor: Actor, id: string): Promise<Task> {
    const task = await this.access.own(actor, id);
    const finishedAt = this.store.now();
    const expiresAt = this.files.expiry(finishedAt);
    const change = {
      finishedAt,
      expiresAt,
      statusReason: null,
      leaseOwner: null,
      leaseExpiresAt: null,
      sources: null,
      secrets: forgotten(task),
    };
    if (await this.store.move(actor.id, id, 'cancelled', change)) {
      await this.tellCancelled({ ...task, ...change, status: 'cancelled' });
      return this.access.own(actor, id);
    }
    const now = await this.access.own(actor, id);
    if (now.status !== 'cancelled') throw new Problem('task_already_finished', `The task is already ${now.status}.`);
    return now;
  }

  /** Removes a finished task with its shares, and the outputs that no other task has. */
  async remove(actor: Actor, id: string, request: FastifyRequest): Promise<void> {
    const task = await this.access.own(actor, id);
    if (!isTerminal(task.status)) throw notFinished(task, 'Cancel it first.');
    for (const { file_id } of await this.store.outputsOfItsOwn(task)) await this.files.discard(file_id);
    await this.store.remove(actor.id, id);
    await this.access.forget(task, request);
  }

  private finished(task: Task, known: KnownResult): Task {
    const { createdAt: finishedAt } = task;
    const expiresAt = this.files.expiry(finishedAt);
    return { ...task, ...known, status: 'completed', progressRatio: 1, cacheHit: true, finishedAt, expiresAt };
  }

  /** A worker that does not hear of it finds out when it renews its lease; a ring for nothing does no harm. */
  private async tellCancelled(task: Task): Promise<void> {
    taskEvents.publish({ type: 'status', task });
    await Promise.allSettled([this.events.publish(TASK_CANCELLED, task.id), this.queue.cancel(ringId(task))]);
  }

  private async ring(task: Task): Promise<void> {
    try {
      await this.queue.push(ringId(task), { priority: task.priority });
    } catch (error) {
      this.logger.warn({ task_id: task.id, err: error, msg: 'The queue does not answer; the sweeper will ring.' });
    }
  }
}

export function notFinished(task: Task, advice: string): Problem {
  return new Problem('task_not_finished', `The task is ${task.status}. ${advice}`, { headers: { 'retry-after': '1' } });
}

function newTask(actor: Actor, tool: Runnable, wanted: NewTask, now: Date): Task {
  const { id, inputs, sources, options, secrets = null, tag, callbackUrl, priority } = wanted;
  const { cacheKey = null, retryOf = null } = wanted;
  return {
    id,
    owner: actor.id,
    tool: tool.name,
    toolVersion: tool.version,
    status: 'pending',
    statusReason: null,
    attempt: 0,
    maxAttempts: MAX_ATTEMPTS,
    deaths: 0,
    priority,
    availableAt: now,
    leaseOwner: null,
    leaseExpiresAt: null,
    progressRatio: 0,
    progressMessage: null,
    tag,
    callbackUrl,
    options,
    secrets,
    inputs: [...inputs],
    sources,
    inputBytes: sources === null || isBuiltIn(tool.name) ? sizeOf(inputs) : null,
    outputs: [],
    data: null,
    error: null,
    usage: null,
    cacheKey,
    cacheHit: false,
    retryOf,
    toolHash: null,
    limits: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    purgedAt: null,
  };
}
