import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import type { Visitor } from '../visitor.js';
import { allOperations } from './access.ground.js';
import { createTask } from './client.js';
import { problemOf } from './problem.js';

const LOGINS = 50;
const POLICY = 'ratelimit-policy';
/** Where somebody could guess. */
const GUESSABLE = allOperations()
  .filter(({ isPublic, method }) => isPublic && method === 'POST')
  .map(({ path }) => path);

const policyOf = async (answer: Promise<Response>): Promise<string | null> => {
  const { headers, body } = await answer;
  await body?.cancel();
  return headers.get(POLICY);
};

describe('rate limits', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform({ env: { RATE_LIMIT_LOGIN: String(LOGINS) } });
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  it.each(GUESSABLE)('count POST %s as an attempt to log in, also when its body is none', async (path) => {
    expect(await policyOf(platform.as().postJson(path, {}))).toBe(`"login";q=${LOGINS};w=60`);
  });

  it('count each kind of request by itself', async () => {
    const { task_id } = await createTask(platform, 'echo');
    const kinds = async (visitor: Visitor | Platform) => [
      await policyOf(visitor.postJson('/api/v1/tools/echo/process', {})),
      await policyOf(visitor.get(`/api/v1/tasks/${task_id}`)),
      await policyOf(visitor.get('/api/v1/tasks')),
      await policyOf(visitor.get('/health')),
    ];

    expect(await kinds(platform)).toEqual([
      '"create";q=6000;w=60',
      '"status";q=60000;w=60',
      '"other";q=12000;w=60',
      null,
    ]);
    const stranger = '"stranger";q=600;w=60';
    expect(await kinds(platform.as())).toEqual([stranger, stranger, stranger, null]);
  });

  it('end attempts to log in, and nothing else that comes from there', async () => {
    const guess = () => platform.as().postJson('/api/v1/auth/refresh', { refresh_token: 'a guess' });
    const answers = [];
    for (let attempt = 0; attempt <= LOGINS; attempt++) answers.push(await guess());

    const last = await problemOf(answers.at(-1) ?? (await guess()));
    expect(last).toMatchObject({ status: 429, error: { code: 'rate_limited', retryable: true } });
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await platform.get('/api/v1/tasks')).status).toBe(200);
    expect((await platform.as().get('/api/v1/tasks')).status).toBe(401);
  });
});
