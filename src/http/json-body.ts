import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors/problem.js';

/** JSON, and nothing else, is parsed, by Fastify's own parser, which refuses `__proto__`; its fault is told in our words. */
export function parseJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    void parse(request, String(body), (fault, value) => {
      done(fault ? malformed(body.length, fault) : null, value);
    });
  });
}

function malformed(length: number, cause: Error): Problem {
  return new Problem('malformed_json', length === 0 ? 'The body is empty.' : 'The body is not JSON.', { cause });
}
