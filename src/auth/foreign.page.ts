import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { parseOrigins } from '../config/origins.js';
import { Problem } from '../errors/problem.js';

/** Where pages come from that may do something. */
type Origins = Pick<Config, 'PUBLIC_URL' | 'CORS_ORIGINS'>;

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends cookies with whatever a page asks for, also a page of somebody else. So where a cookie is the
 * credential and something could change, the browser must say that the page is one of ours, by `Sec-Fetch-Site` or by
 * `Origin`; programs, which say neither, have tokens and keys.
 *
 * Our pages are those under `Host` and PUBLIC_URL; whom CORS_ORIGINS lists may do what they may.
 *
 * @throws Problem `origin_not_allowed`
 */
export function refuseForeignPage(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  config: Origins,
): void {
  if (!SAFE.has(method) && !isListed(headers, config) && !isOurs(headers, config))
    throw new Problem(
      'origin_not_allowed',
      'With a cookie, only pages of this server, or of origins that it lists, may change something.',
    );
}

function isListed({ origin }: IncomingHttpHeaders, { CORS_ORIGINS }: Origins): boolean {
  return origin !== undefined && CORS_ORIGINS !== undefined && parseOrigins(CORS_ORIGINS)?.includes(origin) === true;
}

function isOurs(headers: IncomingHttpHeaders, { PUBLIC_URL: publicUrl }: Origins): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}
