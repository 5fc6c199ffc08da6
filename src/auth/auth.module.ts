import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { AccessGuard } from './access.guard.js';
import { BudgetGuard } from './budget.guard.js';
import { ExpiredRows } from './expired.rows.js';
import { ApiKey } from './keys/api-key.entity.js';
import { ApiKeyStore } from './keys/api-key.store.js';
import { ApiKeys } from './keys/api-keys.js';
import { KeysController } from './keys/keys.controller.js';
import { PasswordHash } from './passwords/password.hash.js';
import { PasswordsController } from './passwords/passwords.controller.js';
import { Passwords } from './passwords/passwords.js';
import { RecentActors } from './recent.actors.js';
import { AccessTokenGuard } from './sessions/access-token.guard.js';
import { AccessTokenStrategy } from './sessions/access-token.strategy.js';
import { AccessTokens } from './sessions/access.tokens.js';
import { LoginAttempts } from './sessions/login.attempts.js';
import { LoginController } from './sessions/login.controller.js';
import { Logins } from './sessions/logins.js';
import { RefreshToken, Session } from './sessions/session.entity.js';
import { SessionStore } from './sessions/session.store.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { Sessions } from './sessions/sessions.js';
import { VerifiedTokens } from './sessions/verified.tokens.js';
import { AccountController } from './users/account.controller.js';
import { Accounts } from './users/accounts.js';
import { FirstStart } from './users/first.start.js';
import { Links } from './users/links.js';
import { OneTimeLink } from './users/one-time-link.entity.js';
import { OneTimeLinkStore } from './users/one-time-link.store.js';
import { Registration } from './users/registration.js';
import { User } from './users/user.entity.js';
import { UserStore } from './users/user.store.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';

/** What accounts are made of; enough for the command line. */
const ACCOUNTS: Provider[] = [
  UserStore,
  SessionStore,
  OneTimeLinkStore,
  ApiKeyStore,
  RecentActors,
  PasswordHash,
  JwtService,
  AccessTokens,
  Sessions,
  LoginAttempts,
  Accounts,
  Links,
  Passwords,
  Registration,
  UsersService,
  ApiKeys,
  ExpiredRows,
];

/** Who may come in, and how often: the second guard counts whom the first has found. */
const DOOR: Provider[] = [
  AccessTokenStrategy,
  AccessTokenGuard,
  VerifiedTokens,
  Logins,
  FirstStart,
  { provide: APP_GUARD, useClass: AccessGuard },
  { provide: APP_GUARD, useClass: BudgetGuard },
];

@Module({})
export class AuthModule {
  /** With guards around every route. Needs rate limits and a Mail from modules that are global. */
  static forRoot(): DynamicModule {
    const controllers = [LoginController, SessionsController, AccountController, PasswordsController];
    return {
      module: AuthModule,
      imports: [this.entities()],
      controllers: [...controllers, UsersController, KeysController],
      providers: [...ACCOUNTS, ...DOOR],
    };
  }

  /** For the command line: no routes, no guard. */
  static forCommands(): DynamicModule {
    return { module: AuthModule, imports: [this.entities()], providers: ACCOUNTS, exports: ACCOUNTS };
  }

  private static entities(): DynamicModule {
    return MikroOrmModule.forFeature([User, Session, RefreshToken, OneTimeLink, ApiKey]);
  }
}
