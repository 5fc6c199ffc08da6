import { PassThrough, type Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';

/**
 * The body of the request as a stream that can be given up: destroying it stops the reading, but leaves the connection
 * open for the answer. (Destroying the request itself would end the connection before the client hears why.)
 */
export function bodyOf({ raw }: FastifyRequest): Readable {
  const body = new PassThrough({ highWaterMark: 1024 * 1024 });
  raw.once('close', () => {
    if (!raw.readableEnded) body.destroy(new Problem('malformed_request', 'The connection ended before the body did.'));
  });
  body.once('close', () => raw.unpipe(body));
  raw.pipe(body);
  return body;
}
