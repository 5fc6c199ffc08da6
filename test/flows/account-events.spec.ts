import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { newUser, type TestUser } from '../users.js';

const LOGIN = '/api/v1/auth/login';

interface Written {
  readonly action: unknown;
  readonly outcome: unknown;
  readonly actor_id: unknown;
}

const by = (action: string, outcome: string, actor_id: unknown): Written[] => [{ action, outcome, actor_id }];

describe('what changes rights or lets somebody in', () => {
  let platform: Platform;
  let user: TestUser;
  beforeAll(async () => {
    platform = await startPlatform();
    user = await newUser(platform, 'user');
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  /** The events on disk when the answer is here, that were not there before: nobody waits for them. */
  async function writtenBy(ask: () => Promise<Response>, status: number): Promise<Written[]> {
    const [last] = queryRows(platform, 'select coalesce(max(seq), 0) as seq from audit_event');
    const response = await ask();
    const found = queryRows(
      platform,
      'select action, outcome, actor_id from audit_event where seq > ? order by seq',
      last?.['seq'] ?? 0,
    );
    expect(response.status).toBe(status);
    await response.body?.cancel();
    return found.map(({ action, outcome, actor_id }) => ({ action, outcome, actor_id }));
  }

  const logIn = (password: string) => platform.as().postJson(LOGIN, { email: user.email, password });

  it('is written before a login is answered, also one that fails', async () => {
    const stranger = { email: 'nobody@people.test', password: 'does not matter' };

    expect(await writtenBy(() => logIn(user.password), 200)).toEqual(by('login', 'ok', user.id));
    expect(await writtenBy(() => logIn('a wrong password'), 401)).toEqual(by('login', 'denied', null));
    expect(await writtenBy(() => platform.as().postJson(LOGIN, stranger), 401)).toEqual(by('login', 'denied', null));
  });

  it('is written before a key is shown, and before it is revoked', async () => {
    let key = '';
    const make = async (): Promise<Response> => {
      const response = await user.postJson('/api/v1/keys', { name: 'noted' });
      key = JSON.parse(await response.clone().text()).key_id;
      return response;
    };

    expect(await writtenBy(make, 201)).toEqual(by('key_create', 'ok', user.id));
    expect(await writtenBy(() => user.delete(`/api/v1/keys/${key}`), 204)).toEqual(by('key_revoke', 'ok', user.id));
  });

  it('is written before a new role or password is confirmed', async () => {
    const [admin] = queryRows(platform, `select id from account where role = 'admin'`);
    const change = (current_password: string) =>
      user.postJson('/api/v1/auth/change-password', { current_password, new_password: 'four words and no more' });

    expect(await writtenBy(() => platform.patchJson(`/api/v1/users/${user.id}`, { role: 'viewer' }), 200)).toEqual(
      by('role_change', 'ok', admin?.['id']),
    );
    expect(queryRows(platform, `select details from audit_event where action = 'role_change'`)).toEqual([
      { details: '{"role":"viewer","role_before":"user"}' },
    ]);
    expect(await writtenBy(() => change('not the current one'), 403)).toEqual(by('password_change', 'denied', user.id));
    expect(await writtenBy(() => change(user.password), 204)).toEqual(by('password_change', 'ok', user.id));
  });

  it('is written before a used refresh token is refused', async () => {
    const other = await newUser(platform, 'user');
    const { refresh_token } = other.tokens;
    const refresh = () => platform.as().postJson('/api/v1/auth/refresh', { refresh_token });
    expect((await refresh()).status).toBe(200);
    changeRows(platform, 'update refresh_token set used_at = used_at - 11000 where used_at is not null');

    expect(await writtenBy(refresh, 401)).toEqual(by('token_reuse', 'denied', other.id));
  });
});
