import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Calls back, once, when nobody needs to wait for this answer any longer: the client has gone, or the process is asked to
 * stop. Answers how to take it back.
 */
export function whenDeparting({ server }: FastifyRequest, { raw }: FastifyReply, leave: () => void): () => void {
  const forget = (): void => {
    server.leaving.delete(departed);
    raw.removeListener('close', departed);
  };
  const departed = (): void => {
    forget();
    leave();
  };
  server.leaving.add(departed);
  raw.once('close', departed);
  if (raw.destroyed) queueMicrotask(departed);
  return forget;
}
