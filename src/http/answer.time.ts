import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { preferredWait } from './prefer.js';

/** So much later than at the right time it is seen, at most. */
const LOOK_MS = 1_000;

/** Says what a request is answered by a route that takes too long. */
type Answer = (problem: Problem, request: FastifyRequest, reply: FastifyReply) => void;

/** A request that is to be answered. */
interface Due {
  readonly at: number;
  readonly reply: FastifyReply;
  /** Milliseconds beyond that, for which the client would rather wait. */
  readonly moreMs: number;
}

/**
 * Says 503 when a route has not begun to answer in time. The time begins when the body has been read: before that it is
 * the client who takes it, see ClientPace. What the client prefers to wait comes on top. Uploads, and routes with
 * `ownTime` in their configuration, are left alone: what they wait for has limits of its own.
 */
export class AnswerTime {
  /** When each must have begun, the earliest first: all have the same time. */
  private readonly due = new Map<FastifyRequest, Due>();

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
      const moreMs = (preferredWait(request.headers['prefer']) ?? 0) * 1_000;
      if (!hasOwnTime(request)) this.due.set(request, { at: performance.now() + this.timeMs, reply, moreMs });
      done();
    });
    server.addHook('onResponse', (request, _reply, done) => {
      this.due.delete(request);
      done();
    });
  }

  private look(now: number): void {
    for (const [request, { at, reply, moreMs }] of this.due) {
      if (at > now) return;
      this.due.delete(request);
      // The same time once more, and not what is left, so that the earliest stay the first.
      if (moreMs > 0) this.due.set(request, { at: now + this.timeMs, reply, moreMs: moreMs - this.timeMs });
      else if (!reply.sent && !reply.raw.headersSent && !reply.raw.destroyed) this.answer(tooLate(), request, reply);
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
