import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import type { Visit } from '../visit.js';
import { newSecretToken, secretTokenHash } from '../secret.token.js';
import { RefreshToken, Session } from './session.entity.js';

const DAY_MS = 86_400_000;
const IDLE_MS = 7 * DAY_MS;
const LONGEST_MS = 30 * DAY_MS;

/**
 * Two requests of one client may refresh at once, and an answer may get lost: whoever comes second within this time gets
 * nothing, but is not taken for a thief.
 */
const RACE_MS = 10_000;

/** What became of a refresh token that somebody showed. */
export type Refresh =
  | { readonly type: 'refreshed'; readonly session: Session; readonly token: string }
  /** It was used a moment ago. */
  | { readonly type: 'superseded' }
  /** It was used long ago, so somebody has a copy: the whole session is ended. */
  | { readonly type: 'reused'; readonly session: Session }
  | { readonly type: 'refused' };

/**
 * The rows of sessions and of their refresh tokens: opaque, kept as hashes, used once (RFC 9700 §4.14). Times are those
 * of the database, so that no machine whose clock is wrong takes a race for a theft.
 */
@Injectable()
export class SessionStore {
  private readonly sessions: Rows<Session>;
  private readonly tokens: Rows<RefreshToken>;

  constructor(private readonly database: Database) {
    this.sessions = database.rows(Session);
    this.tokens = database.rows(RefreshToken);
  }

  async begin(
    userId: string,
    { address, userAgent }: Visit,
    now = this.database.now(),
  ): Promise<{ session: Session; token: string }> {
    const session: Session = {
      id: randomUUIDv7(),
      userId,
      createdAt: now,
      usedAt: now,
      idleExpiresAt: after(now, IDLE_MS),
      expiresAt: after(now, LONGEST_MS),
      endedAt: null,
      userAgent,
      address,
    };
    await this.sessions.insert(session);
    return { session, token: await this.addToken(session.id, now) };
  }

  find(id: string): Promise<Session | undefined> {
    return this.sessions.find('id = ?', [id]);
  }

  /** Those that can still be used, the last used first. */
  async active(userId: string, now = this.database.now()): Promise<Session[]> {
    const where = { userId, endedAt: null, idleExpiresAt: { $gt: now }, expiresAt: { $gt: now } };
    return this.database.look((em) => em.find(Session, where, { orderBy: { usedAt: 'desc' }, limit: 200 }));
  }

  /** Of several who show the same token, one wins: the conditional update decides. */
  async refresh(token: string, now = this.database.now()): Promise<Refresh> {
    const hash = secretTokenHash(token);
    const won = (await this.tokens.update({ usedAt: now }, 'hash = ? and used_at is null', [hash])) === 1;
    const known = await this.tokens.find('hash = ?', [hash]);
    const session = known && (await this.find(known.sessionId));
    if (!known || !session || !this.isUsable(session, now)) return { type: 'refused' };
    if (won) return this.renew(session, now);
    if (known.usedAt && now.getTime() - known.usedAt.getTime() <= RACE_MS) return { type: 'superseded' };
    await this.end(session.id, now);
    return { type: 'reused', session };
  }

  /** Whether the session has neither been ended nor run out. */
  isUsable({ endedAt, idleExpiresAt, expiresAt }: Session, now = this.database.now()): boolean {
    return !endedAt && idleExpiresAt > now && expiresAt > now;
  }

  /** From where this user has logged in; a user who is not known has from nowhere. */
  async addresses(userId: string | null): Promise<string[]> {
    const statement = 'select distinct address from session where user_id = ? and address is not null';
    return (await this.database.query(statement, [userId])).map(({ address }) => String(address));
  }

  async end(id: string, now = this.database.now()): Promise<boolean> {
    return (await this.sessions.update({ endedAt: now }, 'id = ? and ended_at is null', [id])) === 1;
  }

  /** @param except a session that goes on */
  async endAll(userId: string, except: string | null, now = this.database.now()): Promise<number> {
    const others = 'user_id = ? and ended_at is null';
    if (except === null) return this.sessions.update({ endedAt: now }, others, [userId]);
    return this.sessions.update({ endedAt: now }, `${others} and id <> ?`, [userId, except]);
  }

  /** Removes what is too old to tell anything: until then the reuse of a token, and a familiar address, are noticed. */
  async purge(now = this.database.now()): Promise<number> {
    return this.database.work((em) => em.nativeDelete(Session, { expiresAt: { $lt: now } }));
  }

  private async renew(session: Session, now: Date): Promise<Refresh> {
    const change = { usedAt: now, idleExpiresAt: after(now, IDLE_MS) };
    const goesOn = (await this.sessions.update(change, 'id = ? and ended_at is null', [session.id])) === 1;
    if (!goesOn) return { type: 'refused' };
    return { type: 'refreshed', session: { ...session, ...change }, token: await this.addToken(session.id, now) };
  }

  private async addToken(sessionId: string, now: Date): Promise<string> {
    const token = newSecretToken();
    await this.tokens.insert({ hash: secretTokenHash(token), sessionId, createdAt: now, usedAt: null });
    return token;
  }
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
