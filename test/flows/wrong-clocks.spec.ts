import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, type PlatformProcess, startPlatform } from '../platform.js';
import { type Scratch, scratchDatabase, scratchRedis } from '../servers/scratch.js';
import { newUser, type Tokens } from '../users.js';
import { bearer, type Credentials } from '../visitor.js';
import { problemOf } from './problem.js';

const AUTH = '/api/v1/auth';

/** Moves the clock of a Node process, for all code in it. */
const ahead = (seconds: number): Record<string, string> => {
  const code = `
    const Right = Date;
    globalThis.Date = class extends Right {
      constructor(...given) { super(...(given.length > 0 ? given : [Date.now()])); }
      static now() { return Right.now() + ${seconds * 1000}; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
};

const post = (at: PlatformProcess, path: string, body: object): Promise<Response> =>
  fetch(at.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const ask = async (at: PlatformProcess, credentials: Credentials): Promise<number> =>
  (await fetch(`${at.url}${AUTH}/profile`, { headers: credentials })).status;

describe('processes whose clocks are not the same', () => {
  let database: Scratch;
  let redis: Scratch;
  let platform: Platform;
  let right: PlatformProcess;
  let fast: PlatformProcess;
  let wrong: PlatformProcess;
  beforeAll(async () => {
    [database, redis] = [await scratchDatabase(), await scratchRedis()];
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    platform = await startPlatform({ env, roles: ['api'] });
    right = platform.process('api');
    fast = await platform.start('api', ahead(50));
    wrong = await platform.start('api', ahead(90));
  });
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  const logIn = async (at: PlatformProcess): Promise<Tokens> => {
    const { email, password } = await newUser(platform, 'user');
    return JSON.parse(await (await post(at, `${AUTH}/login`, { email, password })).text());
  };

  it('take the tokens of each other when they are 50 seconds apart', async () => {
    const [early, late] = [await logIn(right), await logIn(fast)];

    expect(await ask(fast, bearer(early.access_token))).toBe(200);
    expect(await ask(right, bearer(late.access_token))).toBe(200);
  });

  it('take no token from 90 seconds in the future', async () => {
    const { access_token } = await logIn(wrong);

    expect(await ask(wrong, bearer(access_token))).toBe(200);
    expect(await ask(right, bearer(access_token))).toBe(401);
  });

  it.each<[string, () => [PlatformProcess, PlatformProcess]]>([
    ['behind', () => [right, fast]],
    ['ahead', () => [fast, right]],
  ])('take a race for a race, when the faster request came to the clock that is %s', async (_, order) => {
    const [first, second] = order();
    const { refresh_token } = await logIn(first);

    const won = await post(first, `${AUTH}/refresh`, { refresh_token });
    const lost = await post(second, `${AUTH}/refresh`, { refresh_token });

    expect(won.status).toBe(200);
    await expect(problemOf(lost)).resolves.toMatchObject({ status: 409, error: { code: 'refresh_superseded' } });
    const { refresh_token: next } = JSON.parse(await won.text()) as Tokens;
    expect((await post(second, `${AUTH}/refresh`, { refresh_token: next })).status).toBe(200);
  });
});
