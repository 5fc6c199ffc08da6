import { Injectable } from '@nestjs/common';
import type { FilterQuery } from '@mikro-orm/core';
import { Database } from '../database/database.js';
import { Task } from './task.entity.js';
import { statusesBefore, type TaskStatus } from './task.status.js';

/** Who moves a running task: the worker, and the attempt that it was given. Anybody else changes nothing. */
export interface Lease {
  readonly id: string;
  readonly attempt: number;
  readonly leaseOwner: string;
}

export type TaskChange = Partial<Omit<Task, 'id' | 'owner' | 'status' | 'createdAt'>>;

/** What a list can be narrowed to. */
export interface TaskFilter {
  readonly status?: TaskStatus | undefined;
  readonly tool?: string | undefined;
  readonly tag?: string | undefined;
}

/** The rows of tasks: single statements, each of which either happens whole or not at all. */
@Injectable()
export class TaskStore {
  constructor(private readonly database: Database) {}

  async insert(task: Task): Promise<void> {
    await this.database.entities().insert(Task, task);
  }

  async find(owner: string, id: string): Promise<Task | undefined> {
    return (await this.database.entities().findOne(Task, { id, owner })) ?? undefined;
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(owner: string, filter: TaskFilter, limit: number, after?: string): Promise<Task[]> {
    const where: FilterQuery<Task> = { owner };
    if (filter.status) where.status = filter.status;
    if (filter.tool) where.tool = filter.tool;
    if (filter.tag) where.tag = filter.tag;
    if (after) where.id = { $lt: after };
    return this.database.entities().find(Task, where, { orderBy: { id: 'desc' }, limit });
  }

  /** How many pending tasks a worker would take before this one. */
  async position(task: Task): Promise<number> {
    return this.database.entities().count(Task, {
      status: 'pending',
      $or: [{ priority: { $gt: task.priority } }, { priority: task.priority, id: { $lt: task.id } }],
    });
  }

  /**
   * Moves a task of `owner` in one statement that also checks where it stands, so that of two only one can win.
   * False: the step is not allowed from where the task is.
   */
  async move(owner: string, id: string, to: TaskStatus, change: TaskChange): Promise<boolean> {
    const where = { id, owner, status: { $in: statusesBefore(to) } };
    return (await this.database.entities().nativeUpdate(Task, where, { ...change, status: to })) === 1;
  }

  /** Moves a running task on behalf of the worker that holds its lease. False: it holds it no more. */
  async settle({ id, attempt, leaseOwner }: Lease, to: TaskStatus, change: TaskChange): Promise<boolean> {
    const where = { id, attempt, leaseOwner, status: 'processing' as const };
    const data = { ...change, status: to, leaseOwner: null, leaseExpiresAt: null };
    return (await this.database.entities().nativeUpdate(Task, where, data)) === 1;
  }

  async remove(owner: string, id: string): Promise<boolean> {
    return (await this.database.entities().nativeDelete(Task, { id, owner })) === 1;
  }
}
