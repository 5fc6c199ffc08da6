import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { AuditLog } from '../../../src/auth/audit/audit.log.js';
import { AuditStore } from '../../../src/auth/audit/audit.store.js';
import { PasswordHash } from '../../../src/auth/passwords/password.hash.js';
import { RecentActors } from '../../../src/auth/recent.actors.js';
import { AccessTokens } from '../../../src/auth/sessions/access.tokens.js';
import { LoginAttempts } from '../../../src/auth/sessions/login.attempts.js';
import { Logins } from '../../../src/auth/sessions/logins.js';
import { SessionStore } from '../../../src/auth/sessions/session.store.js';
import { Sessions } from '../../../src/auth/sessions/sessions.js';
import { Accounts } from '../../../src/auth/users/accounts.js';
import { OneTimeLinkStore } from '../../../src/auth/users/one-time-link.store.js';
import type { User } from '../../../src/auth/users/user.entity.js';
import { UserStore } from '../../../src/auth/users/user.store.js';
import { NO_VISIT } from '../../../src/auth/visit.js';
import { MemoryRateLimiter } from '../../../src/limits/memory.rate-limiter.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';

const OLD = 'what everybody knew before';
const NEXT = 'what nobody else knows now';
const VISIT = { ...NO_VISIT, address: '192.0.2.1' };

/** Something happens while a password is checked, which takes a while. */
class SlowHash extends PasswordHash {
  meanwhile = async (): Promise<void> => {};

  override async matches(password: string, hashed: string | null): Promise<boolean> {
    const matches = await super.matches(password, hashed);
    await this.meanwhile();
    return matches;
  }
}

describe.each(DATABASES)('accounts on $name', ({ prepare }) => {
  const hash = new SlowHash();
  let ground: TestDatabase;
  let users: UserStore;
  let sessions: SessionStore;
  let accounts: Accounts;
  let logins: Logins;
  let audit: AuditLog;
  beforeAll(async () => {
    ground = await prepare();
    const { database, config } = ground;
    [users, sessions] = [new UserStore(database), new SessionStore(database)];
    audit = new AuditLog(new AuditStore(database));
    const tokens = new AccessTokens(new JwtService(), config);
    tokens.load();
    const service = new Sessions(sessions, users, tokens, new RecentActors(), audit);
    accounts = new Accounts(users, hash, service, new OneTimeLinkStore(database), audit, config);
    logins = new Logins(users, hash, new LoginAttempts(new MemoryRateLimiter(), sessions), service, audit);
  });
  afterAll(async () => {
    await audit.onApplicationShutdown();
    await ground[Symbol.asyncDispose]();
  });

  const ada = (): Promise<User> =>
    accounts.create({ email: `${randomUUIDv7()}@people.test`, name: null, role: 'user', password: OLD }, VISIT, null);

  it.each<[string, (user: User) => Promise<unknown>]>([
    ['is changed', (user) => accounts.setPassword(user, NEXT, null)],
    ['is of a user who is disabled', ({ id }) => users.change(id, { disabledAt: new Date() })],
  ])('let nobody in by a password that %s while it is checked', async (_, change) => {
    const user = await ada();
    hash.meanwhile = async () => void (await change(user));

    const login = logins.begin(user.email, OLD, VISIT);

    await expect(login).rejects.toMatchObject({ code: 'invalid_credentials' });
    await expect(sessions.active(user.id)).resolves.toEqual([]);
  });

  it('let somebody in by a password that stays', async () => {
    const user = await ada();
    hash.meanwhile = async () => {};

    await expect(logins.begin(user.email, OLD, VISIT)).resolves.toMatchObject({ user: { id: user.id } });
    await expect(sessions.active(user.id)).resolves.toHaveLength(1);
  });

  it('take one of two new passwords that come at once', async () => {
    const user = await ada();

    const changes = await Promise.all([NEXT, `${NEXT} too`].map((next) => accounts.setPassword(user, next, null)));

    expect(changes.filter(Boolean)).toHaveLength(1);
    const { passwordHash = null } = (await users.find(user.id)) ?? {};
    await expect(hash.matches(changes[0] ? NEXT : `${NEXT} too`, passwordHash)).resolves.toBe(true);
  });

  it('say who made them: an admin, nobody, or the users themselves', async () => {
    const account = { name: null, role: 'user' as const, password: null };
    const made = [];
    for (const by of ['an admin', null, undefined])
      made.push((await accounts.create({ ...account, email: `${randomUUIDv7()}@people.test` }, VISIT, by)).id);

    const events = await new AuditStore(ground.database).list({ action: 'user_create' }, 3);

    expect(events.map(({ actorId }) => actorId)).toEqual([made[2], null, 'an admin']);
  });
});
