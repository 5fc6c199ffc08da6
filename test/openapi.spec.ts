import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Platform, startPlatform } from './platform.js';

const operation = z.object({
  operationId: z.string(),
  responses: z.record(z.string(), z.unknown()),
  parameters: z.array(z.object({ name: z.string().optional() })).default([]),
});
const documentSchema = z.object({ paths: z.record(z.string(), z.object({ post: operation.optional() })) });

const NOBODY_YET = 'a key belongs to a user, and there is none yet';
const SECRET = 'the answer holds a secret, which is never kept';
const RESUMED = 'tus has its own ways to go on, and what nobody goes on with expires';

/** Routes that create and take no Idempotency-Key, each with the reason. */
const NOT_REPEATED: Readonly<Record<string, string>> = {
  accountSetUp: NOBODY_YET,
  accountRegister: NOBODY_YET,
  passwordsRequest: NOBODY_YET,
  usersCreate: SECRET,
  usersInvite: SECRET,
  usersPasswordLink: SECRET,
  keysCreate: SECRET,
  fileLinksCreate: SECRET,
  webhooksCreate: SECRET,
  webhooksRotate: SECRET,
  uploadsBegin: RESUMED,
};

describe('the OpenAPI document', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
  });

  afterAll(async () => {
    await platform.stop();
  });

  it('is served as it is committed: otherwise run npm run docs', async () => {
    const committed: unknown = JSON.parse(await readFile('docs/openapi.json', 'utf8'));

    const served = await fetch(`${platform.url}/api/v1/openapi.json`);

    expect(await served.json()).toEqual(committed);
  });

  it('names no schema that it does not have', async () => {
    const text = await (await fetch(`${platform.url}/api/v1/openapi.json`)).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };

    const named = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));

    expect([...named].filter((name) => !Object.hasOwn(components.schemas, name ?? ''))).toEqual([]);
  });

  it('lets every route that creates something take an Idempotency-Key', async () => {
    const { paths } = documentSchema.parse(await (await platform.get('/api/v1/openapi.json')).json());
    const creating = Object.values(paths).flatMap((path) => {
      const { post } = path;
      return post && ('201' in post.responses || '202' in post.responses) ? [post] : [];
    });

    const without = creating.filter(({ parameters }) => !parameters.some(({ name }) => name === 'Idempotency-Key'));
    expect(without.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(NOT_REPEATED).toSorted());
    expect(creating.length).toBeGreaterThanOrEqual(without.length + 2);
  });

  it('has pages for people', async () => {
    const page = await fetch(`${platform.url}/docs`);
    const errors = await fetch(`${platform.url}/docs/errors`);

    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await errors.text()).toContain('task_not_finished');
  });
});
