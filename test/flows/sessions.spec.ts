import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { scratchDatabase, scratchRedis } from '../servers/scratch.js';
import { changeRows, queryRows } from '../sqlite.js';
import { onBusyMachine } from '../time.limits.js';
import { logIn, newKey, newUser, type TestUser, type Tokens } from '../users.js';
import { bearer } from '../visitor.js';
import { problemOf } from './problem.js';

const AUTH = '/api/v1/auth';
const NEXT_PASSWORD = 'something else to remember';

let platform: Platform;
let user: TestUser;

beforeAll(async () => {
  platform = await startPlatform();
});
beforeEach(async () => {
  user = await newUser(platform, 'user');
});
afterAll(() => platform[Symbol.asyncDispose]());

const refresh = (token: string): Promise<Response> =>
  platform.as().postJson(`${AUTH}/refresh`, { refresh_token: token });
const tokensOf = async (response: Response | undefined): Promise<Tokens> => JSON.parse((await response?.text()) ?? '');
const statusWith = async (token: string, path = `${AUTH}/profile`): Promise<number> =>
  (await platform.as(bearer(token)).get(path)).status;

describe('a refresh token', () => {
  it('gives new tokens, once', async () => {
    const response = await refresh(user.tokens.refresh_token);
    const next = await tokensOf(response);

    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(next).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      session_id: user.tokens.session_id,
    });
    expect(next.refresh_token).not.toBe(user.tokens.refresh_token);
    await expect(statusWith(next.access_token)).resolves.toBe(200);
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });

  it('that comes again at once gives nothing, and harms nobody', async () => {
    const next = await tokensOf(await refresh(user.tokens.refresh_token));

    const again = await refresh(user.tokens.refresh_token);

    await expect(problemOf(again)).resolves.toMatchObject({ status: 409, error: { code: 'refresh_superseded' } });
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });

  it('that comes again later ends the session, for the thief and for the owner', async () => {
    const next = await tokensOf(await refresh(user.tokens.refresh_token));
    changeRows(platform, 'update refresh_token set used_at = used_at - 11000 where used_at is not null');

    const again = await refresh(user.tokens.refresh_token);

    await expect(problemOf(again)).resolves.toMatchObject({ status: 401, error: { code: 'invalid_credentials' } });
    await expect(statusWith(next.access_token)).resolves.toBe(401);
    await expect(statusWith(user.tokens.access_token)).resolves.toBe(401);
    expect((await refresh(next.refresh_token)).status).toBe(401);
  });

  it('gives new tokens to one of twenty who show it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(user.tokens.refresh_token)));

    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    const next = await tokensOf(winners[0]);
    expect((await refresh(next.refresh_token)).status).toBe(200);
    expect(queryRows(platform, 'select id from session where user_id = ?', user.id)).toHaveLength(1);
  });

  it('of a user who is disabled gives nothing', async () => {
    await platform.patchJson(`/api/v1/users/${user.id}`, { disabled: true });

    expect((await refresh(user.tokens.refresh_token)).status).toBe(401);
  });
});

describe('a session', () => {
  it('ends with the logout', async () => {
    const response = await user.post(`${AUTH}/logout`);

    expect(response.status).toBe(204);
    await expect(statusWith(user.tokens.access_token)).resolves.toBe(401);
    expect((await refresh(user.tokens.refresh_token)).status).toBe(401);
  });

  it('is one of several, of which the user sees all and can end each', async () => {
    const second = await logIn(platform, user.email, user.password);

    const { data } = JSON.parse(await (await user.get(`${AUTH}/sessions`)).text());
    const ended = await user.delete(`${AUTH}/sessions/${second.session_id}`);

    expect(data).toEqual([
      expect.objectContaining({ session_id: second.session_id, current: false, address: '127.0.0.1' }),
      expect.objectContaining({ session_id: user.tokens.session_id, current: true }),
    ]);
    expect(ended.status).toBe(204);
    await expect(statusWith(second.access_token)).resolves.toBe(401);
    await expect(statusWith(user.tokens.access_token)).resolves.toBe(200);
  });

  it('of somebody else cannot be ended', async () => {
    const other = await newUser(platform, 'admin');

    const response = await other.delete(`${AUTH}/sessions/${user.tokens.session_id}`);

    await expect(problemOf(response)).resolves.toMatchObject({ status: 404, error: { code: 'session_not_found' } });
    await expect(statusWith(user.tokens.access_token)).resolves.toBe(200);
  });

  it('ends with all others when the user says so', async () => {
    const second = await logIn(platform, user.email, user.password);

    expect((await user.post(`${AUTH}/logout-all`)).status).toBe(204);

    await expect(statusWith(user.tokens.access_token)).resolves.toBe(401);
    await expect(statusWith(second.access_token)).resolves.toBe(401);
  });

  it('ends when the password is changed elsewhere, and goes on where it is changed', async () => {
    const second = await logIn(platform, user.email, user.password);
    const change = { current_password: user.password, new_password: NEXT_PASSWORD };

    expect((await user.postJson(`${AUTH}/change-password`, change)).status).toBe(204);

    await expect(statusWith(user.tokens.access_token)).resolves.toBe(200);
    await expect(statusWith(second.access_token)).resolves.toBe(401);
    await expect(logIn(platform, user.email, user.password)).rejects.toThrow('401');
    await expect(logIn(platform, user.email, NEXT_PASSWORD)).resolves.toBeDefined();
  });

  it('ends when the user is disabled, and keys are useless as long', async () => {
    const key = await newKey(user, ['tools:read']);
    await expect(statusWith(key, '/api/v1/tools')).resolves.toBe(200);

    await platform.patchJson(`/api/v1/users/${user.id}`, { disabled: true });

    await expect(statusWith(user.tokens.access_token)).resolves.toBe(401);
    await expect(statusWith(key, '/api/v1/tools')).resolves.toBe(401);
    await expect(logIn(platform, user.email, user.password)).rejects.toThrow('401');
    await platform.patchJson(`/api/v1/users/${user.id}`, { disabled: false });
    await expect(statusWith(user.tokens.access_token)).resolves.toBe(401);
    await expect(statusWith(key, '/api/v1/tools')).resolves.toBe(200);
  });

  it('has other rights as soon as the role is another', async () => {
    await expect(statusWith(user.tokens.access_token, '/api/v1/keys')).resolves.toBe(200);

    await platform.patchJson(`/api/v1/users/${user.id}`, { role: 'viewer' });
    await expect(statusWith(user.tokens.access_token, '/api/v1/keys')).resolves.toBe(403);
    await platform.patchJson(`/api/v1/users/${user.id}`, { role: 'admin' });
    await expect(statusWith(user.tokens.access_token, '/api/v1/users')).resolves.toBe(200);
  });

  it('can be carried on as OAuth 2 says it', async () => {
    const body = new URLSearchParams({ grant_type: 'password', username: user.email, password: user.password });
    const tokens = await tokensOf(await platform.as().post(`${AUTH}/token`, { body }));
    const again = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
    const refreshed = await platform.as().post(`${AUTH}/token`, { body: again });

    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    await expect(statusWith(tokens.access_token)).resolves.toBe(200);
    expect(refreshed.status).toBe(200);
  });

  it.each([
    ['another grant', 'grant_type=client_credentials', 400],
    ['no grant', 'username=a&password=b', 400],
    ['a member twice', 'grant_type=password&username=a&username=b&password=c', 400],
    ['another media type', new Blob(['grant_type=password'], { type: 'text/plain' }), 415],
  ])('is not begun by OAuth 2 with %s', async (_, body, status) => {
    const headers = typeof body === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : undefined;

    const response = await platform.as().post(`${AUTH}/token`, { body, ...(headers && { headers }) });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, error: expect.any(String) });
  });

  it('takes forms nowhere else, where a foreign page could send them', async () => {
    const body = new URLSearchParams({ email: user.email, password: user.password });

    expect((await platform.as().post(`${AUTH}/login`, { body })).status).toBe(415);
  });
});

describe('a session that is ended in one process', () => {
  it('is over in the others ten seconds later', async () => {
    await using database = await scratchDatabase();
    await using redis = await scratchRedis();
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    await using platform = await startPlatform({ env, roles: ['api'] });
    const user = await newUser(platform, 'user');
    const second = await platform.start('api');
    const ask = async () => (await fetch(`${second.url}${AUTH}/profile`, { headers: user.credentials })).status;
    await expect(ask()).resolves.toBe(200);

    await user.post(`${AUTH}/logout`);

    await until(async () => (await ask()) === 401, {
      timeoutMs: onBusyMachine(10_000),
      describe: 'the other process knows',
    });
  });
});
