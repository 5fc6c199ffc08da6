import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { actorOf } from '../auth/actor.js';
import type { Answer } from './idempotency.store.js';
import { parseKey } from './idempotency.key.js';
import { KeyedRequests } from './keyed.requests.js';

/** The header fields that belong to the answer, and not to this one time that it is sent. */
const REPEATED = ['location', 'retry-after'];

/** Around each route that creates; see Creates. Does nothing when there is no `Idempotency-Key`. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly requests: KeyedRequests) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const field = request.headers['idempotency-key'];
    const actor = actorOf(request);
    if (field === undefined || !actor) return next.handle();
    return from(this.answer(actor.id, String(field), request, http.getResponse<FastifyReply>(), next));
  }

  private async answer(
    owner: string,
    field: string,
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const handle = async () => answerOf(reply, await lastValueFrom(next.handle()));
    const { answer, isReplayed } = await this.requests.answer(owner, parseKey(field), request, handle);
    if (isReplayed) reply.headers({ ...answer.headers, 'idempotency-replayed': 'true' });
    return answer.body;
  }
}

function answerOf(reply: FastifyReply, body: unknown): Answer {
  const headers = REPEATED.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
  return { headers: Object.fromEntries(headers), body };
}
