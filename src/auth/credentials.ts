import { parseCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.js';
import { API_KEY_PREFIX } from './keys/api-key.format.js';

export const ACCESS_COOKIE = 'toolyard_access';
export const REFRESH_COOKIE = 'toolyard_refresh';

/** What somebody shows to be recognised. */
export type Shown =
  | { readonly type: 'nothing' }
  | { readonly type: 'key'; readonly key: string }
  /** `cookie`: the browser sent it by itself, perhaps on behalf of a foreign page. */
  | { readonly type: 'token'; readonly token: string; readonly cookie: boolean };

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/**
 * A credential in the header counts, and a bad one is not made good by a cookie.
 *
 * @throws Problem `not_authenticated` when it cannot be read, or when there are two
 */
export function shownBy({ headers }: Pick<FastifyRequest, 'headers'>): Shown {
  const { authorization, 'x-api-key': key } = headers;
  if (authorization !== undefined && key !== undefined)
    throw notAuthenticated('Show one credential: Authorization or X-API-Key.', 'invalid_request');
  if (key !== undefined) return { type: 'key', key: String(key) };
  if (authorization === undefined) return shownByCookie(headers.cookie);
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw notAuthenticated('Authorization must be: Bearer, and a token.', 'invalid_request');
  return token.startsWith(API_KEY_PREFIX) ? { type: 'key', key: token } : { type: 'token', token, cookie: false };
}

export function cookieOf({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  return parseCookie(headers.cookie ?? '')[name];
}

/**
 * 401 with the challenge that belongs to it (RFC 6750 §3).
 *
 * @param error its code there; none when nothing was shown
 */
export function notAuthenticated(
  message: string,
  error?: 'invalid_token' | 'invalid_request',
  cause?: unknown,
): Problem {
  const challenge = `Bearer realm="toolyard"${error ? `, error="${error}"` : ''}`;
  return new Problem('not_authenticated', message, { headers: { 'www-authenticate': challenge }, cause });
}

function shownByCookie(cookies: string | undefined): Shown {
  const token = cookies === undefined ? undefined : parseCookie(cookies)[ACCESS_COOKIE];
  return token ? { type: 'token', token, cookie: true } : { type: 'nothing' };
}
