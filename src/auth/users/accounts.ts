import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { PasswordHash } from '../passwords/password.hash.js';
import { commonPasswords } from '../passwords/common.passwords.js';
import { type PasswordContext, passwordRefusal } from '../passwords/password.policy.js';
import type { Role } from '../role.js';
import { Sessions } from '../sessions/sessions.js';
import type { Visit } from '../visit.js';
import type { User } from './user.entity.js';
import { OneTimeLinkStore } from './one-time-link.store.js';
import { UserStore } from './user.store.js';

export interface NewAccount {
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  /** Null: to be chosen with a link. */
  readonly password: string | null;
}

/** Accounts and their passwords: the only place that makes either. */
@Injectable()
export class Accounts {
  constructor(
    private readonly users: UserStore,
    private readonly hash: PasswordHash,
    private readonly sessions: Sessions,
    private readonly links: OneTimeLinkStore,
    private readonly audit: AuditLog,
    private readonly config: Config,
  ) {}

  /**
   * @param actorId who makes it; null: the command line or the first start; without, they make it themselves
   * @throws Problem `password_not_accepted` or `email_taken`
   */
  async create({ password, ...account }: NewAccount, visit: Visit, actorId?: string | null): Promise<User> {
    if (password !== null) await this.check(password, account);
    const user: User = {
      ...account,
      id: randomUUIDv7(),
      email: account.email.toLowerCase(),
      passwordHash: password === null ? null : await this.hash.hash(password),
      createdAt: new Date(),
      disabledAt: null,
    };
    if (!(await this.users.insert(user))) throw new Problem('email_taken', 'There is an account with this address.');
    if (user.role === 'admin') await this.welcomeAdmin();
    const details = { role: user.role };
    await this.audit.record({
      action: 'user_create',
      actorId: actorId === undefined ? user.id : actorId,
      object: `user:${user.id}`,
      details,
      ...placeOf(visit),
    });
    return user;
  }

  /** What was made while there were no accounts belongs to the first admin. */
  async inherit(): Promise<User | undefined> {
    const first = await this.users.firstAdmin();
    if (first) await this.users.inheritLocal(first.id);
    return first;
  }

  /** @throws Problem `password_not_accepted`, whose message says why */
  async check(password: string, context: PasswordContext): Promise<void> {
    const { PASSWORD_MIN_LENGTH } = this.config;
    const refusal = passwordRefusal(password, PASSWORD_MIN_LENGTH, context, await commonPasswords());
    if (refusal !== undefined) throw new Problem('password_not_accepted', refusal);
  }

  /** Whether this is the password of the user; it takes the same time when there is none. */
  hasPassword({ passwordHash }: User, password: string): Promise<boolean> {
    return this.hash.matches(password, passwordHash ?? null);
  }

  /**
   * Gives a user another password, which has been checked. Whoever got in by the old one is out, and whoever still has a
   * link for another one is, too.
   *
   * @param except a session that goes on
   * @returns false when somebody else changed the password since the user was read: it stays as it is
   */
  async setPassword(user: User, password: string, except: string | null): Promise<boolean> {
    const changed = await this.users.changePassword(user, await this.hash.hash(password));
    if (!changed) return false;
    await this.links.close('password', user.id);
    await this.sessions.endAll(user.id, except);
    return true;
  }

  /** From now on nobody needs the link that the first start has printed. */
  private async welcomeAdmin(): Promise<void> {
    await this.links.close('setup');
    await this.inherit();
  }
}
