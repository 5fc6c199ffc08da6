import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { ConfigurationFault } from '../../config/config.fault.js';
import { Problem } from '../../errors/problem.js';
import { NO_VISIT } from '../visit.js';
import { Accounts } from './accounts.js';
import { Links } from './links.js';

/** Sees to it that there is an admin, or can be one: no account comes with Toolyard. */
@Injectable()
export class FirstStart implements OnApplicationBootstrap {
  private readonly logger = new Logger(FirstStart.name);

  constructor(
    private readonly accounts: Accounts,
    private readonly links: Links,
    private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.accounts.inherit()) return;
    const { ADMIN_EMAIL, ADMIN_PASSWORD } = this.config;
    if (ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) await this.printLink();
    else await this.makeAdmin(ADMIN_EMAIL, ADMIN_PASSWORD);
  }

  private async makeAdmin(email: string, password: string): Promise<void> {
    try {
      await this.accounts.create({ email, name: null, role: 'admin', password }, NO_VISIT, null);
      this.logger.log({ msg: 'The first admin was made.' });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Of several processes that start at once, one makes the admin.
      if (error.code === 'email_taken' && (await this.accounts.inherit())) return;
      if (error.code === 'email_taken')
        throw new ConfigurationFault(['ADMIN_EMAIL has an account already that is no admin']);
      if (error.code === 'password_not_accepted')
        throw new ConfigurationFault([`ADMIN_PASSWORD is not accepted: ${error.message}`]);
      throw error;
    }
  }

  /** To the log, once: whoever can read that may become the first admin. */
  private async printLink(): Promise<void> {
    const { url } = await this.links.forSetup();
    this.logger.warn({ msg: `There is no admin yet. Within an hour, make one here: ${url}` });
  }
}
