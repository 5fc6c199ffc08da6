import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { AuditLog } from '../auth/audit/audit.log.js';
import { sourceOf } from '../auth/audit/audit.source.js';
import { Access, type Owned } from '../auth/sharing/access.js';
import { ShareStore } from '../auth/sharing/share.store.js';
import { Problem } from '../errors/problem.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { isBuiltIn } from './sources/built-in.js';
import type { Task } from './task.entity.js';
import { type TaskFilter, TaskStore } from './task.store.js';

/** What a list shows, and whose: one's own, those that others share, or, for an admin, somebody's. */
export interface TaskScope extends TaskFilter {
  readonly shared?: boolean | undefined;
  readonly owner?: string | undefined;
}

/** Tasks, as an actor sees them. What the actor may not read does not exist. */
@Injectable()
export class TaskAccess {
  constructor(
    private readonly store: TaskStore,
    private readonly tools: ToolRegistry,
    private readonly access: Access,
    private readonly shares: ShareStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem `task_not_found` */
  async read(actor: Actor, id: string): Promise<Task> {
    const task = await this.store.find(id);
    if (task && (await this.access.mayRead(actor, asShareable(task)))) return this.explained(task);
    throw new Problem('task_not_found', `There is no task ${id}.`);
  }

  /** A task that the actor may change. @throws Problem also `not_allowed`, when the actor may only read it */
  async own(actor: Actor, id: string): Promise<Task> {
    const task = await this.read(actor, id);
    if (task.owner === actor.id) return task;
    throw new Problem('not_allowed', 'You may read this task, but only its owner may do this.');
  }

  /** Lines that the tool wrote are for the owner and for admins, and not for those with whom the task is shared. */
  maySeeLog(actor: Actor, { owner }: Task): boolean {
    return owner === actor.id || actor.permissions.has('others:read');
  }

  async list(actor: Actor, { shared, owner = actor.id, ...filter }: TaskScope, limit: number, after?: string) {
    if (!shared) this.access.requireList(actor, 'task', owner);
    const tasks = shared
      ? await this.store.shared(actor, filter, limit, after)
      : await this.store.list(owner, filter, limit, after);
    return tasks.map((task) => this.explained(task));
  }

  /** What belonged to a task that was removed. */
  async forget({ id, tool }: Task, request: FastifyRequest): Promise<void> {
    await this.shares.forget({ type: 'task', id });
    this.audit.note({ action: 'remove', object: `task:${id}`, ...sourceOf(request), details: { tool } });
  }

  /** A task whose tool was taken away waits until it comes back. Workers are taken to have the tools that this process has. */
  private explained(task: Task): Task {
    if (task.status !== 'pending' || isBuiltIn(task.tool) || this.tools.has(task.tool)) return task;
    return { ...task, statusReason: 'no_worker' };
  }
}

export function asShareable({ id, owner }: Task): Owned {
  return { type: 'task', id, owner };
}
