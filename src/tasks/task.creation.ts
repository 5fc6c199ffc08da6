import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { inProgress, KeyedRequests } from '../idempotency/keyed.requests.js';
import { type TaskDocument, taskDocument, taskPath } from './task.document.js';
import type { Task } from './task.entity.js';
import { TaskRoom } from './task.room.js';
import { type NewTask, type Runnable, TasksService } from './tasks.service.js';
import { TaskCallbacks } from './webhooks/task.callbacks.js';

/** Creates a task for a request, together with all that is written when it is: the answer for its key, the quotas. */
@Injectable()
export class TaskCreation {
  constructor(
    private readonly tasks: TasksService,
    private readonly keyed: KeyedRequests,
    private readonly room: TaskRoom,
    private readonly callbacks: TaskCallbacks,
  ) {}

  /** @throws Problem `queue_full`, `quota_exceeded` or `storage_quota_exceeded` */
  refuseWithoutRoom(actor: Actor): Promise<void> {
    return this.room.refuseWhenNone(actor.id);
  }

  /** @throws Problem also `idempotency_in_progress`, `address_not_allowed` or `callbacks_missing` */
  async create(actor: Actor, what: Runnable, wanted: NewTask, request: FastifyRequest): Promise<Task> {
    if (wanted.callbackUrl !== null) await this.callbacks.accept(actor, wanted.callbackUrl);
    for (;;) {
      let hasKey = false;
      const task = await this.tasks.create(actor, what, wanted, (task) => {
        const keeping = this.keyed.keeping(request, accepted(task));
        hasKey = keeping.length > 0;
        return [...keeping, ...this.room.counting(actor.id)];
      });
      if (task) return task;
      await this.room.refuseWhenNone(actor.id);
      // There was no room a moment ago, and now there is. Only what is kept for a key can be said just once.
      if (hasKey) throw inProgress();
    }
  }
}

/** What whoever creates a task is answered. */
export function accepted(task: Task): { headers: Record<string, string>; body: TaskDocument } {
  return { headers: { location: taskPath(task.id), 'retry-after': '1' }, body: taskDocument(task) };
}
