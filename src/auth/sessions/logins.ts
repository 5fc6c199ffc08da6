import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { PasswordHash } from '../passwords/password.hash.js';
import { UserStore } from '../users/user.store.js';
import type { Visit } from '../visit.js';
import { LoginAttempts } from './login.attempts.js';
import { type Grant, Sessions } from './sessions.js';

/** Logins by password. */
@Injectable()
export class Logins {
  constructor(
    private readonly users: UserStore,
    private readonly hash: PasswordHash,
    private readonly attempts: LoginAttempts,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Whether there is no such user, the user is disabled, or the password is wrong: the answer is the same, after the same
   * time.
   *
   * @throws Problem `invalid_credentials`, or `rate_limited` when there were too many attempts
   */
  async begin(email: string, password: string, visit: Visit): Promise<Grant> {
    const user = await this.users.findByEmail(email);
    await this.attempts.count(email, user?.id ?? null, visit.address);
    const matches = await this.hash.matches(password, user?.passwordHash ?? null);
    const grant = user && matches && !user.disabledAt ? await this.sessions.begin(user, visit) : undefined;
    if (grant) return grant;
    const object = user ? `user:${user.id}` : null;
    await this.audit.record({ action: 'login', outcome: 'denied', actorId: null, object, ...placeOf(visit) });
    throw new Problem('invalid_credentials', 'The address or the password is wrong.');
  }
}
