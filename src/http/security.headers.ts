import type { FastifyRequest } from 'fastify';

/** Where people look at pages: scripts and pictures of this server, and the styles that the OpenAPI page writes into itself. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** Everything else is read by programs: a browser that shows it shall load and run nothing. */
const DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * What every answer tells a browser, whatever it is the answer to: guess no type, run nothing, be framed by nobody, tell
 * nobody where you came from. (OWASP Secure Headers; what helmet sends, without what only concerns old browsers.)
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': DATA_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};

const PAGE_HEADERS = { ...SECURITY_HEADERS, 'content-security-policy': PAGE_POLICY };
/** Over TLS, which a proxy that is trusted tells of: never come back without it. */
const SECURE = { 'strict-transport-security': 'max-age=31536000' };

export function securityHeaders({ url, protocol }: FastifyRequest): Readonly<Record<string, string>> {
  const headers = /^\/docs(?:[/?]|$)/.test(url) ? PAGE_HEADERS : SECURITY_HEADERS;
  return protocol === 'https' ? { ...headers, ...SECURE } : headers;
}
