import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, requestHead } from '../raw-http.js';
import { newUser, type TestUser } from '../users.js';
import { asResponse, problemOf } from './problem.js';

const LOGIN = '/api/v1/auth/login';
const REFRESH = '/api/v1/auth/refresh';
const PROFILE = '/api/v1/auth/profile';

let platform: Platform;
let user: TestUser;
let ours: Record<string, string>;

beforeAll(async () => {
  platform = await startPlatform();
  user = await newUser(platform, 'user');
  ours = { origin: platform.url, 'sec-fetch-site': 'same-origin' };
});
afterAll(() => platform[Symbol.asyncDispose]());

const logIn = (headers: Record<string, string> = ours, at: Platform = platform): Promise<Response> =>
  at.as(headers).postJson(LOGIN, { email: user.email, password: user.password, cookie: true });
const cookieHeader = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');

/** Over a connection of its own: `fetch` may not set all of these fields. */
const send = async (method: string, path: string, headers: Record<string, string>, body = ''): Promise<Response> => {
  const more: Record<string, string | number> =
    body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const head = requestHead(method, path, { Host: new URL(platform.url).host, ...headers, ...more });
  return asResponse((await exchange(platform.url, { chunks: [head, body] })).response);
};

describe('the cookies of a browser', () => {
  it('hold the tokens, out of the reach of scripts and of other sites', async () => {
    const response = await logIn();
    const [access = '', refresh = '', ...more] = response.headers.getSetCookie();

    await expect(response.json()).resolves.toMatchObject({ access_token: null, refresh_token: null, expires_in: 900 });
    expect(more).toEqual([]);
    for (const cookie of [access, refresh]) expect(cookie).toMatch(/; HttpOnly.*; SameSite=Strict/);
    expect(access).toMatch(/^toolyard_access=ey[^;]+;.*Max-Age=900; Path=\/;/);
    expect(refresh).toMatch(/^toolyard_refresh=[^;]+;.*Max-Age=604800; Path=\/api\/v1\/auth;/);
    expect(`${access}${refresh}`).not.toMatch(/Secure|Domain/);
  });

  it('are sent over https only where people use https', async () => {
    await using platform = await startPlatform({ env: { PUBLIC_URL: 'https://tools.example.org' } });
    user = await newUser(platform, 'user');

    const response = await logIn({ origin: 'https://tools.example.org' }, platform);

    expect(response.status).toBe(200);
    for (const cookie of response.headers.getSetCookie()) expect(cookie).toMatch(/; Secure/);
    user = await newUser(platform, 'user');
  });

  it('carry a session from login over refresh to logout', async () => {
    const user = await newUser(platform, 'user');
    const body = { email: user.email, password: user.password, cookie: true };
    const first = cookieHeader(await platform.as(ours).postJson(LOGIN, body));

    const refreshed = await platform.as({ ...ours, cookie: first }).post(REFRESH);
    const second = cookieHeader(refreshed);
    const profile = await platform.as({ cookie: second }).get(PROFILE);
    const logout = await platform.as({ ...ours, cookie: second }).post('/api/v1/auth/logout');
    const after = await platform.as({ cookie: second }).get(PROFILE);

    expect([refreshed.status, profile.status, logout.status, after.status]).toEqual([200, 200, 204, 401]);
    for (const cookie of logout.headers.getSetCookie()) expect(cookie).toMatch(/=; Max-Age=0/);
  });
});

describe('a page of another site', () => {
  let cookie: string;
  beforeAll(async () => {
    user = await newUser(platform, 'user');
    cookie = cookieHeader(await logIn());
  });

  const FOREIGN: readonly (readonly [string, Record<string, string>])[] = [
    ['names itself', { origin: 'https://evil.example' }],
    ['hides its name', { origin: 'null' }],
    ['has no name', { origin: '' }],
    ['is another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['has a name that begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['is said to be one by the browser', { 'sec-fetch-site': 'cross-site' }],
    ['is said to be a sister by the browser', { 'sec-fetch-site': 'same-site' }],
    ['is opened by nobody', { 'sec-fetch-site': 'none' }],
    ['says nothing of itself', {}],
  ];

  it.each(FOREIGN)('changes nothing with the cookie when it %s', async (_, headers) => {
    const answers = [
      await send('PATCH', PROFILE, { ...headers, cookie }, '{"name":"Mallory"}'),
      await send('POST', '/api/v1/keys', { ...headers, cookie }, '{"name":"stolen"}'),
      await send('POST', '/api/v1/auth/logout', { ...headers, cookie }),
      await send('POST', REFRESH, { ...headers, cookie }),
    ];

    for (const answer of answers)
      await expect(problemOf(answer)).resolves.toMatchObject({ status: 403, error: { code: 'origin_not_allowed' } });
    await expect((await user.get(PROFILE)).json()).resolves.toMatchObject({ name: null });
  });

  it.each(FOREIGN)('logs nobody in with cookies when it %s', async (_, headers) => {
    const body = JSON.stringify({ email: user.email, password: user.password, cookie: true });

    const answer = await send('POST', LOGIN, headers, body);

    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('has pointed its own name here, and has no cookie there', async () => {
    const evil = { Host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' };

    expect((await send('GET', PROFILE, evil)).status).toBe(401);
    expect((await send('POST', '/api/v1/keys', evil, '{"name":"stolen"}')).status).toBe(401);
  });

  it('is no matter where a token or a key is shown, which no browser sends by itself', async () => {
    const answer = await send(
      'PATCH',
      PROFILE,
      { ...user.credentials, origin: 'https://evil.example' },
      '{"name":null}',
    );

    expect(answer.status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['by its origin', { origin: 'ours' }],
    ['by the word of the browser', { 'sec-fetch-site': 'same-origin' }],
  ])('is not what a page of ours is, known %s', async (_, headers) => {
    const said = headers['origin'] === 'ours' ? { origin: platform.url } : headers;

    expect((await send('PATCH', PROFILE, { ...said, cookie }, '{"name":null}')).status).toBe(200);
  });
});
