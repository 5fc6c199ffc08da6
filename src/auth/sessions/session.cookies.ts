import { stringifySetCookie } from 'cookie';
import type { FastifyReply } from 'fastify';
import { ACCESS_COOKIE, REFRESH_COOKIE } from '../credentials.js';
import { ACCESS_TOKEN_SECONDS } from './access.tokens.js';
import type { Grant } from './sessions.js';

/** Where the refresh token is sent, and nowhere else. */
const REFRESH_PATH = '/api/v1/auth';

/** Gives the tokens to the browser so that no script, and no page of another site, can use them. */
export function setCookies(reply: FastifyReply, { accessToken, refreshToken, session }: Grant, secure: boolean): void {
  const idleSeconds = Math.round((session.idleExpiresAt.getTime() - session.usedAt.getTime()) / 1000);
  reply.header('set-cookie', [
    cookie(ACCESS_COOKIE, accessToken, '/', ACCESS_TOKEN_SECONDS, secure),
    cookie(REFRESH_COOKIE, refreshToken, REFRESH_PATH, idleSeconds, secure),
  ]);
}

export function clearCookies(reply: FastifyReply, secure: boolean): void {
  reply.header('set-cookie', [
    cookie(ACCESS_COOKIE, '', '/', 0, secure),
    cookie(REFRESH_COOKIE, '', REFRESH_PATH, 0, secure),
  ]);
}

function cookie(name: string, value: string, path: string, maxAge: number, secure: boolean): string {
  return stringifySetCookie({ name, value, path, maxAge, secure, httpOnly: true, sameSite: 'strict' });
}
