import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** A login, from password to logout: the family of the refresh tokens that come from it. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid(),
    createdAt: p.datetime(),
    usedAt: p.datetime(),
    /** When it ends if it is not used, and when it ends in any case. */
    idleExpiresAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().nullable(),
    /** As the client gave it, cut: it helps a user to know their own sessions, and decides nothing. */
    userAgent: p.string().nullable(),
    address: p.string().nullable(),
  },
});

export type Session = InferEntity<typeof Session>;

/** One of a family; only the youngest can be used. The used ones stay, so that their reuse is noticed. */
export const RefreshToken = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_token',
  properties: {
    /** SHA-256 of the token, in hexadecimal. */
    hash: p.string().primary(),
    sessionId: p.uuid(),
    createdAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});

export type RefreshToken = InferEntity<typeof RefreshToken>;
