import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Channel } from '../telemetry/channel.js';

/** One answered request, for whoever counts. */
export interface ResponseEvent {
  readonly method: string;
  /** The pattern of the route, never the path itself; `unknown` where there is none. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Where each answered request is told as a ResponseEvent. */
export const responses = new Channel<ResponseEvent>('toolyard:http:response');

/** Probes and scrapes come every few seconds for ever: they are logged only for those who ask for detail. */
const QUIET = new Set(['/health', '/ready', '/metrics']);

/** Tells of every answered request, in the log and on the channel. */
export function observeResponses(server: FastifyInstance, logger: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    tellResponse(request, reply, route, logger);
    done();
  });
}

/** For answers that no hook sees, because the request was refused before it had a route. */
export function tellUnrouted(request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  reply.raw.once('finish', () => tellResponse(request, reply, 'unknown', logger));
}

function tellResponse(request: FastifyRequest, reply: FastifyReply, route: string, logger: Logger): void {
  const seconds = reply.elapsedTime / 1000 || 0;
  const event: ResponseEvent = { method: request.method, route, status: reply.statusCode, seconds };
  responses.publish(event);
  const level = QUIET.has(route) ? 'debug' : 'info';
  logger[level]({ request_id: request.id, ...event, seconds: Number(seconds.toFixed(4)) }, 'answered');
}
