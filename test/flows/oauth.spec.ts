import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { oauthErrorSchema } from '../../src/errors/oauth.document.js';
import { type Platform, startPlatform } from '../platform.js';
import { newUser, type TestUser } from '../users.js';

const TOKEN = '/api/v1/auth/token';

describe('a client that knows OAuth 2', () => {
  let platform: Platform;
  let user: TestUser;
  beforeAll(async () => {
    platform = await startPlatform({ env: { RATE_LIMIT_LOGIN: '20' } });
    user = await newUser(platform, 'user');
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const ask = (form: Record<string, string>, type = 'application/x-www-form-urlencoded') =>
    platform.as().post(TOKEN, { body: new URLSearchParams(form).toString(), headers: { 'content-type': type } });
  const grant = () => ({ grant_type: 'password', username: user.email, password: user.password });

  it('logs in, and gets new tokens', async () => {
    const first = (await (await ask(grant())).json()) as { refresh_token: string };
    const second = await ask({ grant_type: 'refresh_token', refresh_token: first.refresh_token });

    expect(second.status).toBe(200);
    expect(await second.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['a wrong password', { password: 'a wrong one, but long' }, 'invalid_grant', 'invalid_credentials'],
    ['nobody', { username: 'nobody@nowhere.test' }, 'invalid_grant', 'invalid_credentials'],
    ['another kind of grant', { grant_type: 'client_credentials' }, 'unsupported_grant_type', 'invalid_request'],
    ['no kind of grant', { grant_type: '' }, 'unsupported_grant_type', 'invalid_request'],
    ['a used token', { grant_type: 'refresh_token', refresh_token: 'used' }, 'invalid_grant', 'invalid_credentials'],
    ['a grant without its parts', { grant_type: 'refresh_token' }, 'invalid_request', 'invalid_request'],
  ])('is told of %s in its own words, and in ours', async (_, change, error, code) => {
    const answer = await ask({ ...grant(), ...change });

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const body = oauthErrorSchema.strict().parse(await answer.json());
    expect(body).toMatchObject({ error, code, status: 400, request_id: answer.headers.get('x-request-id') });
    expect(body.error_description).toBe(body.detail);
  });

  it('is told so when it sends no form', async () => {
    const answer = await ask(grant(), 'text/html');

    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ error: 'invalid_request', code: 'unsupported_media_type' });
  });

  it('is told to wait when it asks too often', async () => {
    let answer = await ask({});
    for (let asked = 0; answer.status !== 429 && asked < 20; asked++) answer = await ask({});

    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable', code: 'rate_limited' });
  });
});
