import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../auth/actor.js';
import { Problem } from '../../errors/problem.js';
import { isTerminal, TASK_STATUSES, type TaskStatus } from '../task.status.js';
import { type TaskFilter, TaskStore } from '../task.store.js';
import { TasksService } from '../tasks.service.js';

/** One request changes so many at most; who wants more asks again. */
const MOST = 500;

export interface Bulk {
  readonly count: number;
  readonly has_more: boolean;
}

/** Somebody else was quicker. */
const OVERTAKEN: ReadonlySet<string> = new Set(['task_already_finished', 'task_not_finished', 'task_not_found']);

/** The same for many tasks of one's own, newest first, each as if it were asked for alone. */
@Injectable()
export class TaskBulk {
  constructor(
    private readonly store: TaskStore,
    private readonly tasks: TasksService,
  ) {}

  /** Cancels those that are not finished. */
  cancel(actor: Actor, filter: TaskFilter): Promise<Bulk> {
    return this.each(actor, narrowed(filter, false), (id) => this.tasks.cancel(actor, id));
  }

  /** Removes those that are finished. */
  remove(actor: Actor, filter: TaskFilter, request: FastifyRequest): Promise<Bulk> {
    return this.each(actor, narrowed(filter, true), (id) => this.tasks.remove(actor, id, request));
  }

  private async each(actor: Actor, filter: TaskFilter, change: (id: string) => Promise<unknown>): Promise<Bulk> {
    const found = await this.store.listIds(actor.id, filter, MOST + 1);
    let count = 0;
    for (const id of found.slice(0, MOST)) if (await isDone(change(id))) count += 1;
    return { count, has_more: found.length > MOST };
  }
}

function narrowed(filter: TaskFilter, finished: boolean): TaskFilter {
  const { statuses = TASK_STATUSES } = filter;
  return { ...filter, statuses: statuses.filter((status: TaskStatus) => isTerminal(status) === finished) };
}

async function isDone(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof Problem && OVERTAKEN.has(error.code)) return false;
    throw error;
  }
}
