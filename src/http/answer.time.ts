import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';

/**
 * Says 503 when a route has not begun to answer in time. The time begins when the body has been read: before that it is
 * the client who takes it, see ClientPace. Uploads are left alone: what they wait for has limits of its own.
 */
export function answerInTime(
  server: FastifyInstance,
  timeMs: number,
  answer: (problem: Problem, request: FastifyRequest, reply: FastifyReply) => void,
): void {
  server.addHook('preHandler', (request, reply, done) => {
    if (!isUpload(request)) {
      const timer = setTimeout(() => {
        if (!reply.sent && !reply.raw.headersSent) answer(tooLate(), request, reply);
      }, timeMs).unref();
      reply.raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}

function isUpload(request: FastifyRequest): boolean {
  return request.isMultipart() || 'rawUpload' in request.routeOptions.config;
}

/** The connection ends with it: what the route has to say later must not meet the next request. */
function tooLate(): Problem {
  return new Problem('unavailable', 'The answer was not ready in time. The request may still have its effect.', {
    headers: { 'retry-after': '2', connection: 'close' },
  });
}
