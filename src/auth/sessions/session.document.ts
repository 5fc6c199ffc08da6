import { z } from 'zod';
import { ACCESS_TOKEN_SECONDS } from './access.tokens.js';
import type { Session } from './session.entity.js';
import type { Grant } from './sessions.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

/** RFC 6749 §5.1, for a browser without the tokens. */
export const tokensSchema = z
  .object({
    access_token: z.string().nullable().describe('For `Authorization: Bearer`; null when it is in a cookie.'),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds until the access token expires.'),
    refresh_token: z.string().nullable().describe('Good for one use, seven days; null when it is in a cookie.'),
    session_id: z.uuid(),
  })
  .meta({ id: 'Tokens' });

export type TokensDocument = z.output<typeof tokensSchema>;

export function tokensDocument({ session, accessToken, refreshToken }: Grant, inCookies: boolean): TokensDocument {
  return {
    access_token: inCookies ? null : accessToken,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token: inCookies ? null : refreshToken,
    session_id: session.id,
  };
}

export const sessionSchema = z
  .object({
    session_id: z.uuid(),
    created_at: time,
    last_used_at: time.describe('When it was begun or refreshed last.'),
    expires_at: time.describe('When it ends, unless it is refreshed before.'),
    user_agent: z.string().nullable(),
    address: z.string().nullable().describe('Where the login came from.'),
    current: z.boolean().describe('Whether it is the one that asks.'),
  })
  .meta({ id: 'Session' });

export type SessionDocument = z.output<typeof sessionSchema>;

export function sessionDocument(session: Session, currentId: string): SessionDocument {
  const expiresAt = session.idleExpiresAt < session.expiresAt ? session.idleExpiresAt : session.expiresAt;
  return {
    session_id: session.id,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.usedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    user_agent: session.userAgent ?? null,
    address: session.address ?? null,
    current: session.id === currentId,
  };
}
