import type { FastifyInstance } from 'fastify';
import { Problem } from '../errors/problem.js';

export const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

const FORM_BYTES = 16 * 1024;

/**
 * Reads forms of names and values where a route says `urlEncoded`, and refuses them everywhere else: a page of another
 * site can send one without asking.
 */
export function parseUrlEncodedBodies(server: FastifyInstance): void {
  server.addContentTypeParser(
    FORM_MEDIA_TYPE,
    { parseAs: 'string', bodyLimit: FORM_BYTES },
    async ({ routeOptions }: { routeOptions: { config: object } }, body: string | Buffer) => {
      if (!('urlEncoded' in routeOptions.config)) throw new Problem('unsupported_media_type');
      return membersOf(new URLSearchParams(String(body)));
    },
  );
}

/** A name that comes twice has no value (RFC 6749 §3.2). */
function membersOf(form: URLSearchParams): Record<string, string> {
  const members = Object.fromEntries(form);
  if (Object.keys(members).length < form.size)
    throw new Problem('malformed_request', 'A name stands in the form twice.');
  return members;
}
