import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import type { Role } from '../role.js';
import type { Visit } from '../visit.js';
import { Accounts } from './accounts.js';
import { type Link, Links } from './links.js';
import type { User } from './user.entity.js';
import { UserStore } from './user.store.js';

/** What somebody says of themselves who wants an account. */
export interface Newcomer {
  readonly email: string;
  readonly name: string | null;
  readonly password: string;
}

/** How people get accounts without an admin who makes them. */
@Injectable()
export class Registration {
  constructor(
    private readonly accounts: Accounts,
    private readonly links: Links,
    private readonly users: UserStore,
    private readonly audit: AuditLog,
    private readonly config: Config,
  ) {}

  /**
   * @param invitation its token; without one the registration must be open to everybody
   * @throws Problem `registration_closed`, `link_not_valid`, `password_not_accepted` or `email_taken`
   */
  async register(newcomer: Newcomer, invitation: string | undefined, visit: Visit): Promise<User> {
    const { REGISTRATION } = this.config;
    if (REGISTRATION === 'off' || (REGISTRATION === 'invite' && invitation === undefined))
      throw new Problem('registration_closed', 'Accounts are made by an admin here. Ask for one.');
    if (invitation === undefined) return this.accounts.create({ ...newcomer, role: 'user' }, visit);

    const link = await this.links.open(invitation, 'invitation');
    await this.refuse(newcomer);
    await this.links.use(link);
    return this.accounts.create({ ...newcomer, role: link.role ?? 'user' }, visit);
  }

  /**
   * A link for somebody who shall register.
   *
   * @throws Problem `registration_closed` where nobody can
   */
  async invite(role: Role, actorId: string, visit: Visit): Promise<Link> {
    if (this.config.REGISTRATION === 'off')
      throw new Problem('registration_closed', 'Nobody can register here. Make the user instead.');
    const link = await this.links.forInvitation(role);
    await this.audit.record({
      action: 'link_create',
      actorId,
      object: null,
      details: { purpose: 'invitation', role },
      ...placeOf(visit),
    });
    return link;
  }

  /** Makes the first admin. @throws Problem `link_not_valid`, `password_not_accepted` or `email_taken` */
  async setUp(token: string, newcomer: Newcomer, visit: Visit): Promise<User> {
    await this.links.open(token, 'setup');
    await this.refuse(newcomer);
    await this.links.useSetup();
    return this.accounts.create({ ...newcomer, role: 'admin' }, visit);
  }

  /** A link is not used up by what would be refused anyway. */
  private async refuse(newcomer: Newcomer): Promise<void> {
    await this.accounts.check(newcomer.password, newcomer);
    if (await this.users.findByEmail(newcomer.email))
      throw new Problem('email_taken', 'There is an account with this address.');
  }
}
