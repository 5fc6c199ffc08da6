import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';

/** Where pages of ours come from. */
type Address = Pick<Config, 'PUBLIC_URL'>;

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends cookies with whatever a page asks for, also a page of somebody else. So where a cookie is the
 * credential and something could change, the browser must say that the page is one of ours, by `Sec-Fetch-Site` or by
 * `Origin`; programs, which say neither, have tokens and keys.
 *
 * Our pages are those under `Host` and PUBLIC_URL. Whom CORS_ORIGINS lists is a stranger here: such a page brings a token
 * of its own, because what a browser adds by itself is never allowed across origins.
 *
 * @throws Problem `origin_not_allowed`
 */
export function refuseForeignPage(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  config: Address,
): void {
  if (!SAFE.has(method) && !isOurs(headers, config))
    throw new Problem('origin_not_allowed', 'With a cookie, only pages of this server may change something.');
}

function isOurs(headers: IncomingHttpHeaders, { PUBLIC_URL: publicUrl }: Address): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}
