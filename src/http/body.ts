import { PassThrough, type Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { fingerprintOf } from './body.fingerprint.js';
import { whenLate } from './farewell.js';

/**
 * The body of the request as a stream that can be given up: destroying it stops the reading, but leaves the connection
 * open for the answer. (Destroying the request itself would end the connection before the client hears why.)
 */
export function bodyOf(request: FastifyRequest): Readable {
  const { raw, server } = request;
  const body = new PassThrough({ highWaterMark: 1024 * 1024 });
  // It may end before anybody reads it, who will then meet the error.
  body.on('error', () => {});
  raw.once('close', () => {
    if (!raw.readableEnded) body.destroy(new Problem('malformed_request', 'The connection ended before the body did.'));
  });
  const forget = whenLate(server.late, (problem) => body.destroy(problem));
  body.once('close', () => {
    forget();
    raw.unpipe(body);
  });
  raw.pipe(body);
  return fingerprintOf(request)?.watch(body) ?? body;
}
