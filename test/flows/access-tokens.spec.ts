import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { newUser, type TestUser } from '../users.js';
import { bearer } from '../visitor.js';
import { problemOf } from './problem.js';

const JWT_SECRET = 'the secret that signs now, whatever else';
const JWT_SECRET_PREVIOUS = 'the secret that signed before this one';
const PROFILE = '/api/v1/auth/profile';

type Members = Record<string, unknown>;

let platform: Platform;
let user: TestUser;
let other: TestUser;
let header: Members;
let claims: Members;

beforeAll(async () => {
  platform = await startPlatform({ env: { JWT_SECRET, JWT_SECRET_PREVIOUS } });
  [user, other] = [await newUser(platform, 'user'), await newUser(platform, 'user')];
  [header, claims] = parts(user.tokens.access_token);
});

afterAll(() => platform[Symbol.asyncDispose]());

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const parts = (token: string): [Members, Members] => {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return [JSON.parse(header), JSON.parse(claims)];
};

/** Signed with the right secret unless another one is given: what is refused then is refused for its contents. */
const token = (changes: Members, headers: Members = {}, secret = JWT_SECRET, hash = 'sha256'): string => {
  const signed = `${encode({ ...header, ...headers })}.${encode({ ...claims, ...changes })}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
};

const ask = (text: string): Promise<Response> => platform.as(bearer(text)).get(PROFILE);
const now = (): number => Math.floor(Date.now() / 1000);

describe('an access token', () => {
  it('is a JWT that lives for 15 minutes and says what it is, for whom and from whom', () => {
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(claims).toEqual({
      iss: 'toolyard',
      aud: 'toolyard-api',
      sub: user.id,
      sid: user.tokens.session_id,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(claims['iat']) + 15 * 60,
    });
  });

  it('is taken, also when it is made by hand with the right secret', async () => {
    const answers = [await ask(user.tokens.access_token), await ask(token({}))];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await expect(answers[1]?.json()).resolves.toMatchObject({ user_id: user.id, email: user.email, role: 'user' });
  });

  it('is taken from a clock that is not quite right', async () => {
    const answers = [
      await ask(token({ exp: now() - 55 })),
      await ask(token({ iat: now() + 55, nbf: now() + 55, exp: now() + 900 })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('may be signed with the secret before this one, by its own kid', async () => {
    await using before = await startPlatform({ env: { JWT_SECRET: JWT_SECRET_PREVIOUS } });
    const [{ kid }] = parts((await newUser(before, 'user')).tokens.access_token);

    expect((await ask(token({}, { kid }, JWT_SECRET_PREVIOUS))).status).toBe(200);
    expect((await ask(token({}, { kid }, JWT_SECRET))).status).toBe(401);
    expect((await ask(token({}, {}, JWT_SECRET_PREVIOUS))).status).toBe(401);
  });
});

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const jwk = publicKey.export({ format: 'jwk' });

const unsigned = (alg: unknown, signature = ''): string =>
  `${encode({ ...header, alg })}.${encode(claims)}.${signature}`;
const signedByRsa = (headers: Members): string => {
  const signed = `${encode({ ...header, ...headers })}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
};

const FORGERIES: readonly (readonly [string, () => string])[] = [
  ['says that it needs no signature', () => unsigned('none')],
  ['says so in capital letters', () => unsigned('NONE')],
  ['says so in mixed letters', () => unsigned('nOnE')],
  ['says so and is signed nevertheless', () => token({}, { alg: 'none' })],
  ['names no algorithm', () => unsigned(undefined, 'x')],
  ['names a list of algorithms', () => token({}, { alg: ['HS256'] })],
  ['has lost its signature', () => unsigned('HS256')],
  ['is signed with the empty secret', () => token({}, {}, '')],
  ['is signed with another secret', () => token({}, {}, 'the secret that nobody ever configured')],
  ['is signed by HS384', () => token({}, { alg: 'HS384' }, JWT_SECRET, 'sha384')],
  ['is signed by HS512', () => token({}, { alg: 'HS512' }, JWT_SECRET, 'sha512')],
  ['is signed by RS256', () => signedByRsa({ alg: 'RS256' })],
  ['says RS256 but is signed by HMAC with the public key', () => token({}, { alg: 'RS256' }, pem)],
  ['brings its key along', () => signedByRsa({ alg: 'RS256', jwk })],
  [
    'says where its key is',
    () => signedByRsa({ alg: 'RS256', jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1' }),
  ],
  ['has a kid that is a path to an empty file', () => token({}, { kid: '../../../../../../dev/null' }, '')],
  ['has a kid that is SQL', () => token({}, { kid: "' union select 'known' --" }, 'known')],
  ['has a kid that every object has', () => token({}, { kid: '__proto__' }, '')],
  ['has a kid that nobody has', () => token({}, { kid: '00000000' })],
  ['has no kid', () => token({}, { kid: undefined })],
  ['has a kid that is no text', () => token({}, { kid: 1 })],
  ['is a JWT of any kind', () => token({}, { typ: 'JWT' })],
  ['is a JWT of no kind', () => token({}, { typ: undefined })],
  ['is a refresh token by its own words', () => token({}, { typ: 'rt+jwt' })],
  ['has expired', () => token({ exp: now() - 61, iat: now() - 961 })],
  ['never expires', () => token({ exp: undefined })],
  ['expires at a time that is no time', () => token({ exp: 'never' })],
  ['holds only later', () => token({ nbf: now() + 65 })],
  ['was made later', () => token({ iat: now() + 65, exp: now() + 1_000 })],
  ['is for another audience', () => token({ aud: 'another-api' })],
  ['is for nobody in particular', () => token({ aud: undefined })],
  ['is from another issuer', () => token({ iss: 'https://evil.example' })],
  ['is from nobody', () => token({ iss: undefined })],
  ['is for a user who does not exist', () => token({ sub: '019a0000-0000-7000-8000-000000000000' })],
  ['is for somebody else than its session', () => token({ sub: other.id })],
  ['is for no user', () => token({ sub: undefined })],
  ['is for a user who is an object', () => token({ sub: { $ne: null } })],
  ['has a session that does not exist', () => token({ sid: '019a0000-0000-7000-8000-000000000000' })],
  ['has no session', () => token({ sid: undefined })],
  ['is a refresh token', () => user.tokens.refresh_token],
  ['has a part too much', () => `${user.tokens.access_token}.x`],
  ['has a part too few', () => user.tokens.access_token.split('.').slice(0, 2).join('.')],
  ['has a changed letter in its claims', () => user.tokens.access_token.replace('.ey', '.ez')],
  ['has claims that are a list', () => `${encode(header)}.${encode([])}.x`],
  ['is no token at all', () => 'x'],
  ['is very long', () => 'x'.repeat(8_000)],
];

describe('a token', () => {
  it.each(FORGERIES)('that %s is refused', async (_, forge) => {
    const response = await ask(forge());

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="toolyard", error="invalid_token"');
    await expect(problemOf(response)).resolves.toMatchObject({
      error: { type: 'authentication_error', code: 'not_authenticated', retryable: false },
    });
  });

  it('that is an access token refreshes nothing', async () => {
    const response = await platform
      .as()
      .postJson('/api/v1/auth/refresh', { refresh_token: user.tokens.access_token.slice(0, 100) });

    await expect(problemOf(response)).resolves.toMatchObject({ status: 401, error: { code: 'invalid_credentials' } });
  });
});

describe('a request', () => {
  it.each<[string, Record<string, string>]>([
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['a scheme alone', { authorization: 'Bearer' }],
    ['an empty field', { authorization: '' }],
    ['two tokens', { authorization: 'Bearer a, Bearer b' }],
    ['an empty key', { 'x-api-key': '' }],
    ['headers of a proxy that nobody trusts', { 'x-forwarded-user': 'admin', 'x-user-id': '1', 'x-role': 'admin' }],
    ['an id of a user', { cookie: 'user=admin; role=admin' }],
  ])('is not authenticated by %s', async (_, headers) => {
    const response = await platform.as(headers).get(PROFILE);

    await expect(problemOf(response)).resolves.toMatchObject({ status: 401, error: { code: 'not_authenticated' } });
  });

  it('may not show two credentials', async () => {
    const both = platform.as({ ...bearer(user.tokens.access_token), 'x-api-key': 'x' });

    await expect(problemOf(await both.get(PROFILE))).resolves.toMatchObject({ status: 401 });
  });

  it('is not saved from a bad token by a good cookie', async () => {
    const headers = { ...bearer('x'), cookie: `toolyard_access=${user.tokens.access_token}` };

    expect((await platform.as(headers).get(PROFILE)).status).toBe(401);
  });

  it('takes no token from the URL', async () => {
    const response = await platform.as().get(`${PROFILE}?access_token=${user.tokens.access_token}`);

    expect(response.status).toBe(401);
  });

  it('leaves no credential in the log', async () => {
    await ask(user.tokens.access_token);
    await platform.as({ 'x-api-key': 'ty_live_whatever' }).get(PROFILE);

    const log = platform.logs();
    for (const secret of [user.tokens.access_token, user.tokens.refresh_token, user.password, JWT_SECRET, 'ty_live_'])
      expect(log).not.toContain(secret);
  });
});
