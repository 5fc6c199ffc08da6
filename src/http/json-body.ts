import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors/problem.js';
import { nestsDeeper } from './json-depth.js';

/** Options may nest 20 levels deep, and stand in a body. */
const MOST_LEVELS = 32;

/** JSON, and nothing else, is parsed, by Fastify's own parser, which refuses `__proto__`; its fault is told in our words. */
export function parseJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (nestsDeeper(text, MOST_LEVELS)) {
      done(new Problem('malformed_json', `The JSON nests deeper than ${MOST_LEVELS} levels.`));
      return;
    }
    void parse(request, text, (fault, value) => {
      done(fault ? malformed(body.length, fault) : null, value);
    });
  });
}

function malformed(length: number, cause: Error): Problem {
  return new Problem('malformed_json', length === 0 ? 'The body is empty.' : 'The body is not JSON.', { cause });
}
