import type { FastifyInstance } from 'fastify';

/** What a page of another origin may read of an answer, beside its body and the few fields that it always may. */
const EXPOSED = [
  'Content-Disposition',
  'Content-Range',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Request-Id',
].join(', ');

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Cache-Control, Content-Disposition, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, Mcp-Protocol-Version, Prefer, Range, Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset, X-API-Key, X-Request-Id',
  'access-control-max-age': '600',
};

/**
 * CORS for the origins of CORS_ORIGINS, and no others. Credentials that a browser adds by itself are never allowed, so
 * a page must bring a token of its own. To any other origin the answer is the same as ever, and its browser keeps it.
 */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return done();
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED,
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (request.method !== 'OPTIONS' || !('access-control-request-method' in request.headers)) return done();
    void reply.code(204).headers(PREFLIGHT).send();
  });
}
