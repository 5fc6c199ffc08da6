import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import type { Role } from '../role.js';
import type { LinkPurpose, OneTimeLink } from './one-time-link.entity.js';
import { type LinkTarget, OneTimeLinkStore } from './one-time-link.store.js';
import type { User } from './user.entity.js';

const HOUR_MS = 3_600_000;
const INVITATION_MS = 7 * 24 * HOUR_MS;

/** A link to give away. */
export interface Link {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Links that work once. Their token stands behind `#`, which browsers send to no server and no log. */
@Injectable()
export class Links {
  constructor(
    private readonly store: OneTimeLinkStore,
    private readonly config: Config,
  ) {}

  /** For the first admin, one hour. */
  forSetup(): Promise<Link> {
    return this.give({ purpose: 'setup' }, HOUR_MS);
  }

  /** For somebody who may register, one week. */
  forInvitation(role: Role): Promise<Link> {
    return this.give({ purpose: 'invitation', role }, INVITATION_MS);
  }

  /** For a password, one hour, or one week when the user never had any; earlier ones stop to work. */
  async forPassword({ id, passwordHash }: User): Promise<Link> {
    await this.store.close('password', id);
    return this.give({ purpose: 'password', userId: id }, passwordHash ? HOUR_MS : INVITATION_MS);
  }

  /** @throws Problem `link_not_valid` */
  async open(token: string, purpose: LinkPurpose): Promise<OneTimeLink> {
    const link = await this.store.find(token, purpose);
    if (!link) throw notValid();
    return link;
  }

  /** Uses it up. @throws Problem `link_not_valid` when somebody was faster */
  async use(link: OneTimeLink): Promise<void> {
    if (!(await this.store.use(link))) throw notValid();
  }

  /** Uses up every link for the setup, whoever has it. @throws Problem `link_not_valid` when somebody was faster */
  async useSetup(): Promise<void> {
    if ((await this.store.close('setup')) === 0) throw notValid();
  }

  private async give(target: LinkTarget, validMs: number): Promise<Link> {
    const { token, purpose, expiresAt } = await this.store.give(target, validMs);
    return { url: `${this.base()}/${purpose}#token=${token}`, token, expiresAt };
  }

  private base(): string {
    const { PUBLIC_URL, HOST, PORT } = this.config;
    return (PUBLIC_URL ?? `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`).replace(/\/$/, '');
  }
}

function notValid(): Problem {
  return new Problem('link_not_valid', 'The link was used already, or its time is over. Ask for another one.');
}
