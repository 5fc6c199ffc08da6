import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import type { Actor } from '../actor.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { RecentActors } from '../recent.actors.js';
import { actorFor } from '../users/user.actor.js';
import type { User } from '../users/user.entity.js';
import { UserStore } from '../users/user.store.js';
import type { Visit } from '../visit.js';
import { AccessTokens } from './access.tokens.js';
import type { Session } from './session.entity.js';
import { SessionStore } from './session.store.js';

/** What whoever has logged in is given. */
export interface Grant {
  readonly user: User;
  readonly session: Session;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Sessions: begun by a login, carried on by refresh tokens, and ended for good. */
@Injectable()
export class Sessions {
  constructor(
    private readonly store: SessionStore,
    private readonly users: UserStore,
    private readonly tokens: AccessTokens,
    private readonly recent: RecentActors,
    private readonly audit: AuditLog,
  ) {}

  /**
   * For somebody who has just proved to be this user, as they were then. Whoever took the password or the account away
   * since then ended the sessions that there were; this one is looked at when it is among them.
   *
   * @returns undefined when one of the two was taken away
   */
  async begin(user: User, visit: Visit): Promise<Grant | undefined> {
    const { session, token } = await this.store.begin(user.id, visit);
    const now = await this.users.find(user.id);
    if (!now || now.disabledAt || now.passwordHash !== user.passwordHash) {
      await this.store.end(session.id);
      return undefined;
    }
    await this.audit.record({ action: 'login', actorId: user.id, object: objectOf(session), ...placeOf(visit) });
    return this.grant(user, session, token);
  }

  /** @throws Problem `invalid_credentials`, or `refresh_superseded` when another request was a moment faster */
  async refresh(token: string, visit: Visit): Promise<Grant> {
    const refresh = await this.store.refresh(token);
    switch (refresh.type) {
      case 'refreshed': {
        const user = await this.users.find(refresh.session.userId);
        if (!user || user.disabledAt) throw refused();
        return this.grant(user, refresh.session, refresh.token);
      }
      case 'superseded':
        throw new Problem('refresh_superseded', 'Another request has just used this token: take what it was given.');
      case 'reused':
        this.recent.forget(refresh.session.id);
        await this.audit.record({
          action: 'token_reuse',
          outcome: 'denied',
          actorId: refresh.session.userId,
          object: objectOf(refresh.session),
          ...placeOf(visit),
        });
        throw refused();
      case 'refused':
        throw refused();
      default:
        return refresh satisfies never;
    }
  }

  /** Who shows an access token of this session; undefined when it does not stand for this user any more. */
  async actor(userId: string, sessionId: string): Promise<Actor | undefined> {
    const actor = await this.recent.find(sessionId, async () => {
      const session = await this.store.find(sessionId);
      if (!session || !this.store.isUsable(session)) return undefined;
      const user = await this.users.find(session.userId);
      return user && !user.disabledAt ? actorFor(user, { type: 'session', id: sessionId }) : undefined;
    });
    return actor?.id === userId ? actor : undefined;
  }

  active(userId: string): Promise<Session[]> {
    return this.store.active(userId);
  }

  /** Ends a session of this user. @throws Problem `session_not_found` */
  async end(userId: string, sessionId: string, visit: Visit, action: 'logout' | 'session_end'): Promise<void> {
    const session = await this.store.find(sessionId);
    const isTheirs = session?.userId === userId && this.store.isUsable(session);
    if (!session || !isTheirs || !(await this.store.end(sessionId)))
      throw new Problem('session_not_found', `There is no session ${sessionId}.`);
    this.recent.forget(sessionId);
    await this.audit.record({ action, actorId: userId, object: objectOf(session), ...placeOf(visit) });
  }

  async logoutAll(userId: string, visit: Visit): Promise<void> {
    await this.endAll(userId, null);
    await this.audit.record({
      action: 'logout',
      actorId: userId,
      object: `user:${userId}`,
      details: { sessions: 'all' },
      ...placeOf(visit),
    });
  }

  /** Ends all sessions of a user, perhaps except one. */
  async endAll(userId: string, except: string | null): Promise<void> {
    await this.store.endAll(userId, except);
    this.recent.forgetAll();
  }

  private grant(user: User, session: Session, refreshToken: string): Grant {
    return { user, session, accessToken: this.tokens.issue(user.id, session.id), refreshToken };
  }
}

function objectOf({ id }: Session): string {
  return `session:${id}`;
}

function refused(): Problem {
  return new Problem('invalid_credentials', 'The refresh token is not valid. Log in again.');
}
