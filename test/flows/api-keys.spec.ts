import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { newKey, newUser, type TestUser } from '../users.js';
import { bearer } from '../visitor.js';
import { problemOf } from './problem.js';

const KEYS = '/api/v1/keys';
const TOOLS = '/api/v1/tools';

let platform: Platform;
let user: TestUser;

beforeAll(async () => {
  platform = await startPlatform();
  user = await newUser(platform, 'user');
});
afterAll(() => platform[Symbol.asyncDispose]());

const make = async (wanted: object): Promise<{ key: string; key_id: string; scopes: string[] }> => {
  const response = await user.postJson(KEYS, { name: 'mine', ...wanted });
  expect(response.headers.get('cache-control')).toBe('no-store');
  return JSON.parse(await response.text());
};
const statusWith = async (key: string, path = TOOLS): Promise<number> =>
  (await platform.as({ 'x-api-key': key }).get(path)).status;
const mine = async (key_id: string) =>
  JSON.parse(await (await user.get(KEYS)).text()).data.find((key: { key_id: string }) => key.key_id === key_id);

describe('an API key', () => {
  it('is shown once, and kept as a hash', async () => {
    const { key, key_id } = await make({});

    expect(key).toMatch(/^ty_live_\w{36}$/);
    expect(JSON.stringify(queryRows(platform, 'select * from api_key'))).not.toContain(key);
    expect(JSON.stringify(await mine(key_id))).not.toContain(key);
    expect(platform.logs()).not.toContain(key);
  });

  it('is taken in either header', async () => {
    const { key } = await make({});

    expect(await statusWith(key)).toBe(200);
    expect((await platform.as(bearer(key)).get(TOOLS)).status).toBe(200);
  });

  it('has, unless it says more, what tasks need, and manages nothing', async () => {
    const { key, scopes } = await make({});

    expect(scopes).toEqual(['tools:read', 'files:read', 'files:write', 'tasks:read', 'tasks:write']);
    for (const path of [KEYS, '/api/v1/users', '/api/v1/auth/profile', '/api/v1/auth/sessions'])
      expect(await statusWith(key, path)).toBe(403);
  });

  it('manages what it was made for', async () => {
    const { key } = await make({ scopes: ['keys:manage'] });

    expect(await statusWith(key, KEYS)).toBe(200);
    expect(await statusWith(key)).toBe(403);
  });

  it('never has a right that its maker lacks, nor its owner later', async () => {
    const asAdmin = await user.postJson(KEYS, { name: 'too much', scopes: ['users:manage'] });
    const poor = platform.as(bearer(await newKey(user, ['keys:manage'])));
    const byPoorKey = await poor.postJson(KEYS, { name: 'too much', scopes: ['files:read'] });
    const usual = await poor.postJson(KEYS, { name: 'nothing' });

    for (const response of [asAdmin, byPoorKey])
      await expect(problemOf(response)).resolves.toMatchObject({ status: 403, error: { code: 'not_allowed' } });
    expect(JSON.parse(await usual.text()).scopes).toEqual([]);

    const owner = await newUser(platform, 'admin');
    const key = await newKey(owner, ['users:manage', 'tools:read']);
    expect(await statusWith(key, '/api/v1/users')).toBe(200);
    await platform.patchJson(`/api/v1/users/${owner.id}`, { role: 'user' });
    expect(await statusWith(key, '/api/v1/users')).toBe(403);
    expect(await statusWith(key)).toBe(200);
  });

  it('does not live longer than the key that made it', async () => {
    const end = new Date(Date.now() + 60_000).toISOString();
    const { key } = await make({ scopes: ['keys:manage'], expires_at: end });
    const short = platform.as(bearer(key));
    const wanted = { name: 'longer', scopes: ['keys:manage'] };

    const later = await short.postJson(KEYS, { ...wanted, expires_at: new Date(Date.now() + 120_000).toISOString() });
    const never = await short.postJson(KEYS, wanted);

    await expect(problemOf(later)).resolves.toMatchObject({ status: 403, error: { code: 'not_allowed' } });
    await expect(never.json()).resolves.toMatchObject({ expires_at: end });
  });

  it('opens nothing when it is revoked', async () => {
    const { key, key_id } = await make({});
    expect(await statusWith(key)).toBe(200);

    const [revoked, again] = [await user.delete(`${KEYS}/${key_id}`), await user.delete(`${KEYS}/${key_id}`)];

    expect([revoked.status, again.status]).toEqual([204, 404]);
    expect(await statusWith(key)).toBe(401);
    expect((await mine(key_id)).revoked_at).toEqual(expect.any(String));
  });

  it('opens nothing when it has expired', async () => {
    const { key, key_id } = await make({ expires_at: new Date(Date.now() + 60_000).toISOString() });
    changeRows(platform, 'update api_key set expires_at = ? where id = ?', Date.now() - 1, key_id);

    expect(await statusWith(key)).toBe(401);
  });

  it('tells when it was used last', async () => {
    const { key, key_id } = await make({});
    expect((await mine(key_id)).last_used_at).toBeNull();

    await statusWith(key);

    expect((await mine(key_id)).last_used_at).toEqual(expect.any(String));
  });

  it.each<[string, object]>([
    ['no name', { name: '' }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a name that cannot be seen', { name: '\u202e' }],
    ['a right that does not exist', { scopes: ['everything'] }],
    ['no rights', { scopes: [] }],
    ['an end in the past', { expires_at: '2020-01-01T00:00:00Z' }],
    ['an end that is no time', { expires_at: 'never' }],
    ['an owner', { user_id: '019a0000-0000-7000-8000-000000000000' }],
    ['a key of its own', { key: 'ty_live_x' }],
  ])('is not made with %s', async (_, wanted) => {
    const response = await user.postJson(KEYS, { name: 'mine', ...wanted });

    await expect(problemOf(response)).resolves.toMatchObject({ status: 400 });
  });

  it.each(['ty_live_', `ty_live_${'0'.repeat(36)}`, `ty_live_${'0'.repeat(30)}2C8GjS`, 'x', "' or 1=1 --"])(
    'is not %j',
    async (key) => {
      const response = await platform.as({ 'x-api-key': key }).get(TOOLS);

      await expect(problemOf(response)).resolves.toMatchObject({ status: 401, error: { code: 'not_authenticated' } });
    },
  );
});
