import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors/problem.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the process stops and requests have had their time. */
    late: AbortSignal;
    /** Who would rather end at once when the process is asked to stop: what is called then. */
    leaving: Set<() => void>;
  }
}

/** After that a refusal has been read, or nobody reads it; what is open then is cut off. */
const CUT_OFF_MS = 2_500;

/**
 * The end of HTTP when the process is asked to stop. Requests under way get a period of grace; then uploads are refused,
 * and what is still open is cut off. Requests that come after the last task are refused at once.
 */
export class Farewell {
  private readonly late = new AbortController();
  private readonly leaving = new Set<() => void>();
  private server: FastifyInstance | undefined;
  private closing = false;

  /** @param graceMs from the moment when the process is asked to stop */
  constructor(private readonly graceMs: number) {}

  attend(server: FastifyInstance): void {
    this.server = server;
    server.decorate('late', this.late.signal);
    server.decorate('leaving', this.leaving);
    server.addHook('preClose', (done) => {
      this.closing = true;
      done();
    });
    server.addHook('onRequest', (_request, _reply, done) => done(this.closing ? stopping() : undefined));
    server.addHook('onSend', (_request, reply, payload, done) => {
      if (this.closing) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  begin(): void {
    for (const leave of this.leaving) leave();
    setTimeout(() => this.end(), this.graceMs).unref();
  }

  private end(): void {
    this.late.abort(stopping());
    setTimeout(() => this.server?.server.closeAllConnections(), CUT_OFF_MS).unref();
  }
}

/** Calls back when requests have had their time, also when that is now. Answers how to take it back. */
export function whenLate(late: AbortSignal, refuse: (problem: Problem) => void): () => void {
  const listener = (): void => refuse(stopping());
  if (late.aborted) listener();
  else late.addEventListener('abort', listener, { once: true });
  return () => late.removeEventListener('abort', listener);
}

function stopping(): Problem {
  return new Problem('unavailable', 'The server is being stopped. Try again in a moment.', {
    headers: { 'retry-after': '2', connection: 'close' },
  });
}
