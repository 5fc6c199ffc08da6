import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role } from '../../../src/auth/role.js';
import { UserStore } from '../../../src/auth/users/user.store.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';

describe.each(DATABASES)('users on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: UserStore;
  beforeEach(async () => {
    ground = await prepare();
    store = new UserStore(ground.database);
  });
  afterEach(() => ground[Symbol.asyncDispose]());

  const add = async (
    role: Role,
    email = `${randomUUIDv7()}@people.test`,
    id: string = randomUUIDv7(),
  ): Promise<string> => {
    const times = { createdAt: new Date(), disabledAt: null };
    if (!(await store.insert({ id, email, name: null, role, passwordHash: null, ...times }))) return 'taken';
    return id;
  };

  it('have one account for each address', async () => {
    await add('user', 'ada@people.test');

    await expect(add('admin', 'ada@people.test')).resolves.toBe('taken');
    await expect(store.findByEmail('ADA@People.test')).resolves.toMatchObject({ role: 'user' });
  });

  it('are listed newest first, narrowed and page by page', async () => {
    // Ids of one millisecond are in no order.
    const [one = '', two = '', three = ''] = Array.from({ length: 3 }, () => randomUUIDv7()).toSorted((a, b) =>
      a < b ? -1 : 1,
    );
    await add('user', 'one@people.test', one);
    await add('viewer', 'two@people.test', two);
    await add('user', 'three@people.test', three);
    await store.change(three, { disabledAt: new Date() });

    const ids = async (...wanted: Parameters<UserStore['list']>) => (await store.list(...wanted)).map(({ id }) => id);

    await expect(ids({}, 10)).resolves.toEqual([three, two, one]);
    await expect(ids({}, 10, three)).resolves.toEqual([two, one]);
    await expect(ids({ role: 'user' }, 10)).resolves.toEqual([three, one]);
    await expect(ids({ disabled: true }, 10)).resolves.toEqual([three]);
    await expect(ids({ disabled: false, role: 'user' }, 10)).resolves.toEqual([one]);
  });

  it('keep their last admin', async () => {
    const admin = await add('admin');
    await add('user');

    await expect(store.changeAdmin(admin, { role: 'user' })).resolves.toBe(false);
    await expect(store.changeAdmin(admin, { disabledAt: new Date() })).resolves.toBe(false);
    await expect(store.firstAdmin()).resolves.toMatchObject({ id: admin });
  });

  it('do not count an admin who is disabled', async () => {
    const [admin, disabled] = [await add('admin'), await add('admin')];
    await store.change(disabled, { disabledAt: new Date() });

    await expect(store.changeAdmin(admin, { role: 'user' })).resolves.toBe(false);
  });

  it('keep one admin when all of them are removed at once', async () => {
    const admins = await Promise.all(Array.from({ length: 4 }, () => add('admin')));

    const removed = await Promise.all(admins.map((id) => store.changeAdmin(id, { role: 'user' })));

    expect(removed.filter(Boolean)).toHaveLength(3);
    await expect(store.firstAdmin()).resolves.toBeDefined();
  });

  it('inherit what was made while there were no accounts, and nothing else', async () => {
    const heir = await add('admin');
    const insertion = `insert into file (id, owner, name, type, extension, size, sha256, created_at, expires_at)
      values (?, ?, 'a', 'b', 'c', 1, 'd', ?, ?)`;
    const times = [new Date(), new Date()];
    const [one, other] = [randomUUIDv7(), randomUUIDv7()];
    await ground.database.change(insertion, [one, 'local', ...times]);
    await ground.database.change(insertion, [other, 'somebody', ...times]);

    await store.inheritLocal(heir);

    await expect(ground.database.query('select id, owner from file order by owner', [])).resolves.toEqual([
      { id: one, owner: heir },
      { id: other, owner: 'somebody' },
    ]);
  });
});

describe.each(DATABASES.filter(({ kind }) => kind === 'sqlite'))('an admin on $name', ({ prepare }) => {
  it('is removed by one statement, so that no transaction can stay open on the one connection', async () => {
    await using ground = await prepare();
    const store = new UserStore(ground.database);
    const admins = ['a', 'b'].map((name) => ({ id: randomUUIDv7(), email: `${name}@people.test` }));
    const more = { name: null, role: 'admin' as const, passwordHash: null, createdAt: new Date(), disabledAt: null };
    for (const admin of admins) await store.insert({ ...admin, ...more });
    await ground.database.change('begin', []);

    await expect(store.changeAdmin(admins[0]?.id ?? '', { role: 'user' })).resolves.toBe(true);
    await ground.database.change('rollback', []);
    await expect(store.find(admins[0]?.id ?? '')).resolves.toMatchObject({ role: 'admin' });
  });
});
