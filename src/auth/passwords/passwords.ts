import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import { Mail } from '../../mail/mail.js';
import type { Actor } from '../actor.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { LoginAttempts } from '../sessions/login.attempts.js';
import { Accounts } from '../users/accounts.js';
import { Links } from '../users/links.js';
import type { User } from '../users/user.entity.js';
import { UserStore } from '../users/user.store.js';
import type { Visit } from '../visit.js';
import { changeLetter, passwordLetter } from './password.letter.js';

/** How users get another password. */
@Injectable()
export class Passwords {
  private readonly logger = new Logger(Passwords.name);

  constructor(
    private readonly users: UserStore,
    private readonly accounts: Accounts,
    private readonly attempts: LoginAttempts,
    private readonly links: Links,
    private readonly mail: Mail,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Ends all other sessions.
   *
   * @throws Problem `wrong_password`, `password_not_accepted` or `rate_limited`
   */
  async change({ id, credential }: Actor, current: string, next: string, visit: Visit): Promise<void> {
    const user = await this.users.find(id);
    if (!user) throw new Problem('user_not_found', 'The account is gone.');
    await this.attempts.count(user.email, id, visit.address);
    const object = `user:${id}`;
    const isKnown = await this.accounts.hasPassword(user, current);
    if (isKnown) await this.accounts.check(next, user);
    const goesOn = credential.type === 'session' ? credential.id : null;
    if (!isKnown || !(await this.accounts.setPassword(user, next, goesOn))) {
      await this.audit.record({ action: 'password_change', outcome: 'denied', actorId: id, object, ...placeOf(visit) });
      throw new Problem('wrong_password', 'The current password is wrong.');
    }
    await this.audit.record({ action: 'password_change', actorId: id, object, ...placeOf(visit) });
    this.tell(user);
  }

  /**
   * Mails a link, if there is such a user. Nobody waits for that, so that the answer tells nothing.
   *
   * @throws Problem `mail_unavailable` or `rate_limited`
   */
  async request(email: string, visit: Visit): Promise<void> {
    if (!this.mail.available)
      throw new Problem('mail_unavailable', 'This server sends no mail. Ask an admin for a link for a new password.');
    await this.attempts.countReset(email, visit.address);
    this.sendLink(email).catch((error: unknown) => {
      this.logger.error({ err: error, msg: 'A link for a new password could not be mailed.' });
    });
  }

  /** For an admin, who hands it on. */
  async link(user: User, actorId: string | null, visit: Visit) {
    const link = await this.links.forPassword(user);
    await this.audit.record({
      action: 'link_create',
      actorId,
      object: `user:${user.id}`,
      details: { purpose: 'password' },
      ...placeOf(visit),
    });
    return link;
  }

  /** Ends all sessions. @throws Problem `link_not_valid` or `password_not_accepted` */
  async choose(token: string, password: string, visit: Visit): Promise<void> {
    const link = await this.links.open(token, 'password');
    const user = link.userId ? await this.users.find(link.userId) : undefined;
    if (!user || user.disabledAt) throw new Problem('link_not_valid', 'The account of this link is gone.');
    await this.accounts.check(password, user);
    await this.links.use(link);
    if (!(await this.accounts.setPassword(user, password, null)))
      throw new Problem('link_not_valid', 'The password was changed in this moment. Ask for another link.');
    await this.audit.record({
      action: 'password_reset',
      actorId: user.id,
      object: `user:${user.id}`,
      ...placeOf(visit),
    });
    this.tell(user);
  }

  /** In case it was somebody else. Nobody waits for that; a first password is no change. */
  private tell(user: User): void {
    if (!this.mail.available || !user.passwordHash) return;
    this.mail.send(changeLetter(user)).catch((error: unknown) => {
      this.logger.error({ err: error, msg: 'A user could not be told of the new password.' });
    });
  }

  private async sendLink(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (user && !user.disabledAt) await this.mail.send(passwordLetter(user, await this.links.forPassword(user)));
  }
}
