import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends cookies with whatever a page asks for, also a page of somebody else. So where a cookie is the
 * credential and something could change, the browser must say that the page is one of ours, by `Sec-Fetch-Site` or by
 * `Origin`; programs, which say neither, have tokens and keys.
 *
 * @param publicUrl under which our pages are served, if not under the `Host` of the request
 * @throws Problem `origin_not_allowed`
 */
export function refuseForeignPage({ method, headers }: FastifyRequest, publicUrl: string | undefined): void {
  if (!SAFE.has(method) && !isOurs(headers, publicUrl))
    throw new Problem('origin_not_allowed', 'With a cookie, only pages of this server may change something.');
}

function isOurs(headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}
