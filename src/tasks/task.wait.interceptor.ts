import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { type Actor, actorOf } from '../auth/actor.js';
import { appliedWait, preferredWait } from '../http/prefer.js';
import { type TaskDocument, taskDocument } from './task.document.js';
import { isTerminal } from './task.status.js';
import { TaskWaits } from './task.waits.js';

export const PrefersWait = () =>
  ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=N`: answer when the task has finished, or after N seconds, 25 at most.',
    schema: { type: 'string' },
  });

/**
 * Around a route that answers with a new task: who prefers to wait (`Prefer: wait`) is answered 200 when it has finished
 * in time. Stands outside of Idempotency-Key, so that whoever repeats a request waits, too.
 */
@Injectable()
export class TaskWaitInterceptor implements NestInterceptor {
  constructor(private readonly waits: TaskWaits) {}

  intercept(context: ExecutionContext, next: CallHandler<TaskDocument>): Observable<TaskDocument> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const seconds = preferredWait(request.headers['prefer']);
    const actor = actorOf(request);
    if (seconds === undefined || !actor) return next.handle();
    return from(this.answer(actor, seconds, next, request, http.getResponse<FastifyReply>()));
  }

  private async answer(
    actor: Actor,
    seconds: number,
    next: CallHandler<TaskDocument>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TaskDocument> {
    const created = await lastValueFrom(next.handle());
    reply.headers(appliedWait(seconds));
    // The task exists, and that is what the client must hear, also when nobody can say how it went on.
    const task = await this.waits.wait(actor, created.task_id, seconds, request, reply).catch(() => undefined);
    if (!task) return created;
    if (isTerminal(task.status)) reply.code(200).removeHeader('retry-after');
    return taskDocument(task);
  }
}
