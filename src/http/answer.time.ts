import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';

/** So much later than at the right time it is seen, at most. */
const LOOK_MS = 1_000;

/** Says what a request is answered by a route that takes too long. */
type Answer = (problem: Problem, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Says 503 when a route has not begun to answer in time. The time begins when the body has been read: before that it is
 * the client who takes it, see ClientPace. Uploads, and routes with `ownTime` in their configuration, are left alone: what
 * they wait for has limits of its own.
 */
export class AnswerTime {
  /** When each must have begun, the earliest first: all have the same time. */
  private readonly due = new Map<FastifyRequest, { readonly at: number; readonly reply: FastifyReply }>();

  constructor(
    private readonly timeMs: number,
    private readonly answer: Answer,
  ) {}

  /** One timer for all, because most requests are answered before a timer of their own would be worth its price. */
  attend(server: FastifyInstance): void {
    const timer = setInterval(() => this.look(performance.now()), Math.min(LOOK_MS, this.timeMs / 2)).unref();
    server.addHook('onClose', (_server, done) => {
      clearInterval(timer);
      done();
    });
    server.addHook('preHandler', (request, reply, done) => {
      if (!hasOwnTime(request)) this.due.set(request, { at: performance.now() + this.timeMs, reply });
      done();
    });
    server.addHook('onResponse', (request, _reply, done) => {
      this.due.delete(request);
      done();
    });
  }

  private look(now: number): void {
    for (const [request, { at, reply }] of this.due) {
      if (at > now) return;
      this.due.delete(request);
      if (!reply.sent && !reply.raw.headersSent && !reply.raw.destroyed) this.answer(tooLate(), request, reply);
    }
  }
}

function hasOwnTime(request: FastifyRequest): boolean {
  const { config } = request.routeOptions;
  return request.isMultipart() || 'rawUpload' in config || 'ownTime' in config;
}

/** The connection ends with it: what the route has to say later must not meet the next request. */
function tooLate(): Problem {
  return new Problem('unavailable', 'The answer was not ready in time. The request may still have its effect.', {
    headers: { 'retry-after': '2', connection: 'close' },
  });
}
