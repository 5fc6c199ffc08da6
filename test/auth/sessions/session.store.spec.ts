import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionStore } from '../../../src/auth/sessions/session.store.js';
import { UserStore } from '../../../src/auth/users/user.store.js';
import { NO_VISIT } from '../../../src/auth/visit.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const start = new Date('2026-11-21T12:00:00Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);

describe.each(DATABASES)('sessions on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: SessionStore;
  let userId: string;
  beforeAll(async () => {
    ground = await prepare();
    store = new SessionStore(ground.database);
  });
  beforeEach(async () => {
    userId = randomUUIDv7();
    await new UserStore(ground.database).insert({
      id: userId,
      email: `${userId}@people.test`,
      name: null,
      role: 'user',
      passwordHash: null,
      createdAt: start,
      disabledAt: null,
    });
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const begin = (visit = NO_VISIT) => store.begin(userId, visit, start);
  const successor = async (token: string, now: Date): Promise<string> => {
    const refresh = await store.refresh(token, now);
    if (refresh.type !== 'refreshed') throw new Error(`The token was ${refresh.type}.`);
    return refresh.token;
  };

  it('keep no token, only its hash', async () => {
    const { token } = await begin();

    const rows = await ground.database.query('select * from refresh_token', []);

    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('give another token for each', async () => {
    const { token } = await begin();

    const second = await successor(token, later(SECOND));
    const third = await successor(second, later(2 * SECOND));

    expect(new Set([token, second, third]).size).toBe(3);
  });

  it('end when an old token comes back', async () => {
    const { session, token } = await begin();
    const second = await successor(token, later(SECOND));
    await successor(second, later(DAY));

    const reused = await store.refresh(token, later(DAY + SECOND));

    expect(reused).toMatchObject({ type: 'reused', session: { id: session.id, userId } });
    await expect(store.find(session.id)).resolves.toMatchObject({ endedAt: later(DAY + SECOND) });
  });

  it('are over for the thief and for the owner then', async () => {
    const { token } = await begin();
    const second = await successor(token, later(SECOND));
    await store.refresh(token, later(20 * SECOND));

    await expect(store.refresh(second, later(21 * SECOND))).resolves.toEqual({ type: 'refused' });
  });

  it('go on when the same token comes twice within ten seconds, which gives nothing', async () => {
    const { token } = await begin();
    const second = await successor(token, later(SECOND));

    await expect(store.refresh(token, later(11 * SECOND))).resolves.toEqual({ type: 'superseded' });
    await expect(store.refresh(second, later(12 * SECOND))).resolves.toMatchObject({ type: 'refreshed' });
  });

  it('have one winner of many who come at once', async () => {
    const { session, token } = await begin();

    const refreshes = await Promise.all(Array.from({ length: 20 }, () => store.refresh(token, later(SECOND))));

    expect(refreshes.map(({ type }) => type).toSorted()).toEqual(['refreshed', ...Array(19).fill('superseded')]);
    const unused = await ground.database.query(
      'select hash from refresh_token where session_id = ? and used_at is null',
      [session.id],
    );
    expect(unused).toHaveLength(1);
  });

  it('end after seven days without use', async () => {
    const { token } = await begin();
    const second = await successor(token, later(6.9 * DAY));

    await expect(store.refresh(second, later(14 * DAY))).resolves.toEqual({ type: 'refused' });
  });

  it('end after thirty days, whatever use is made of them', async () => {
    let { token } = await begin();
    for (let day = 6; day < 30; day += 6) token = await successor(token, later(day * DAY));

    await expect(store.refresh(token, later(30 * DAY + SECOND))).resolves.toEqual({ type: 'refused' });
  });

  it('do not begin with a token that was never given', async () => {
    await expect(store.refresh('nonsense', start)).resolves.toEqual({ type: 'refused' });
  });

  it('end all, or all but one', async () => {
    const [one, two, three] = [await begin(), await begin(), await begin()];

    await store.endAll(userId, two.session.id, later(SECOND));
    const left = await store.active(userId, later(2 * SECOND));
    await store.endAll(userId, null, later(SECOND));

    expect(left.map(({ id }) => id)).toEqual([two.session.id]);
    await expect(store.active(userId, later(2 * SECOND))).resolves.toEqual([]);
    await expect(store.refresh(one.token, later(SECOND))).resolves.toEqual({ type: 'refused' });
    await expect(store.end(three.session.id)).resolves.toBe(false);
  });

  it('are remembered until they would have ended, and not longer', async () => {
    const { session } = await begin({ address: '192.0.2.7', userAgent: null, requestId: null });
    await store.end(session.id, later(SECOND));

    await store.purge(later(29 * DAY));
    const familiar = await store.addresses(userId);
    await store.purge(later(31 * DAY));

    expect(familiar).toEqual(['192.0.2.7']);
    await expect(store.addresses(userId)).resolves.toEqual([]);
    await expect(store.find(session.id)).resolves.toBeUndefined();
  });

  it('make no place familiar where the user has not been, or nobody', async () => {
    for (const address of ['192.0.2.8', '192.0.2.8', null]) await begin({ address, userAgent: null, requestId: null });

    await expect(store.addresses(userId)).resolves.toEqual(['192.0.2.8']);
    await expect(store.addresses(null)).resolves.toEqual([]);
  });
});
