import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Platform, startPlatform } from '../platform.js';
import { newUser, type TestUser } from '../users.js';
import { allOperations, pathTo } from './access.ground.js';
import { unknownMembers } from './unknown.members.js';

const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({ responses: z.record(z.string(), z.looseObject({ content: z.any().optional() })) }),
    ),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const { paths, components } = documentSchema.parse(
  JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')),
);

/** What the document says of the JSON that is answered. */
const promised = (method: string, path: string, status: number): unknown =>
  paths[path]?.[method.toLowerCase()]?.responses[status]?.content?.['application/json']?.schema;

/** Where rows become answers by a POST or PATCH. */
const CHANGES: readonly (readonly [string, string, (user: TestUser) => unknown])[] = [
  ['POST', '/api/v1/auth/login', ({ email, password }) => ({ email, password })],
  ['POST', '/api/v1/auth/refresh', ({ tokens }) => ({ refresh_token: tokens.refresh_token })],
  ['POST', '/api/v1/auth/register', () => ({ email: 'new@people.test', password: 'a wholly new beginning' })],
  ['PATCH', '/api/v1/auth/profile', () => ({ name: 'Ada' })],
  ['POST', '/api/v1/keys', () => ({ name: 'a key' })],
  ['POST', '/api/v1/users', () => ({ email: 'made@people.test', role: 'user' })],
  ['POST', '/api/v1/users/invitations', () => ({ role: 'user' })],
  ['PATCH', '/api/v1/users/{id}', () => ({ name: 'Eve' })],
  ['POST', '/api/v1/files/{id}/link', () => ({})],
  ['POST', '/api/v1/files/{id}/shares', () => ({ role: 'viewer' })],
];
const READS = allOperations()
  .filter(({ method, path, isPublic }) => method === 'GET' && !isPublic && promised('GET', path, 200) !== undefined)
  .map(({ method, path }) => [method, path, () => undefined] as const);

describe('what is answered', () => {
  let platform: Platform;
  let admin: TestUser;
  beforeAll(async () => {
    platform = await startPlatform({ env: { REGISTRATION: 'open', OUTBOUND_ALLOW: 'localhost' } });
    admin = await newUser(platform, 'admin');
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  it('is described for most routes that read', () => {
    expect(READS.length).toBeGreaterThan(12);
  });

  it.each([...READS, ...CHANGES])(
    'by %s %s is what the document says, and nothing more',
    async (method, path, body) => {
      const url = await pathTo(platform, admin, path);
      const sent = body(admin);
      const response = await admin.send(method, url, {
        ...(sent !== undefined && { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }),
      });
      const answer: unknown = JSON.parse(await response.text());

      expect(response.ok).toBe(true);
      const schema = promised(method, path, response.status);
      expect(schema).toBeDefined();
      expect(unknownMembers(answer, schema, components.schemas)).toEqual([]);
      expect(JSON.stringify(answer)).not.toMatch(/\$argon2/);
    },
  );
});
