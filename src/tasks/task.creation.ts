import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { inProgress, KeyedRequests } from '../idempotency/keyed.requests.js';
import { cacheKey } from './results/cache.key.js';
import { ResultCache } from './results/result.cache.js';
import { TaskSecrets } from './secrets/task.secrets.js';
import { type TaskDocument, taskDocument, taskPath } from './task.document.js';
import type { Task } from './task.entity.js';
import { TaskRoom } from './task.room.js';
import { isTerminal } from './task.status.js';
import { type NewTask, type Runnable, TasksService } from './tasks.service.js';
import { TaskCallbacks } from './webhooks/task.callbacks.js';

/** RFC 9111 §5.2.1.4. */
const NO_CACHE = /(?:^|,)\s*no-cache\s*(?:,|$)/i;

/**
 * The last step of every request that wants a task, when all of it is checked: the task is created together with all that
 * is written when it is, the answer for its key and the quotas.
 */
@Injectable()
export class TaskCreation {
  constructor(
    private readonly tasks: TasksService,
    private readonly cache: ResultCache,
    private readonly keyed: KeyedRequests,
    private readonly room: TaskRoom,
    private readonly callbacks: TaskCallbacks,
    private readonly secrets: TaskSecrets,
  ) {}

  /** @throws Problem `queue_full`, `quota_exceeded` or `storage_quota_exceeded` */
  refuseWithoutRoom(actor: Actor): Promise<void> {
    return this.room.refuseWhenNone(actor.id);
  }

  /**
   * The task; it is finished already when its result was known, unless the request says `Cache-Control: no-cache`.
   *
   * @throws Problem also `idempotency_in_progress`, `address_not_allowed` or `callbacks_missing`
   */
  async create(actor: Actor, what: Runnable, wanted: NewTask, request: FastifyRequest): Promise<Task> {
    if (wanted.callbackUrl !== null) await this.callbacks.accept(actor, wanted.callbackUrl);
    const sealed = this.sealed(what, wanted);
    const known = typeof sealed.secrets === 'string' ? {} : await this.cached(actor, what, wanted, request);
    const whole = { ...wanted, ...sealed, ...known };
    for (;;) {
      let hasKey = false;
      const task = await this.tasks.create(actor, what, whole, (task) => {
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

  private sealed(what: Runnable, { id, options }: NewTask): Pick<Task, 'options' | 'secrets'> {
    return 'optionsSchema' in what ? this.secrets.seal(id, what.optionsSchema, options) : { options, secrets: null };
  }

  /** What is still to be fetched is not known, and so neither is what becomes of it. */
  private async cached(actor: Actor, what: Runnable, { inputs, sources, options }: NewTask, request: FastifyRequest) {
    if (!what.deterministic || sources !== null) return {};
    const key = cacheKey(what, inputs, options);
    const mayBeKnown = !NO_CACHE.test(request.headers['cache-control'] ?? '');
    return { cacheKey: key, known: mayBeKnown ? await this.cache.take(actor.id, what, key) : undefined };
  }
}

/** What whoever creates a task is answered. */
export function accepted(task: Task): { headers: Record<string, string>; body: TaskDocument } {
  const askAgain: Record<string, string> = isTerminal(task.status) ? {} : { 'retry-after': '1' };
  return { headers: { location: taskPath(task.id), ...askAgain }, body: taskDocument(task) };
}
