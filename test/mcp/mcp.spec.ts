import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { listFiles, upload } from '../flows/client.js';
import { picture } from '../files/detection/samples.js';
import { startRemote } from '../outbound/remote.server.js';
import { type Platform, startPlatform } from '../platform.js';
import { newKey, newUser, type TestUser } from '../users.js';
import { bearer, type Credentials, type Visitor } from '../visitor.js';

let platform: Platform;
let user: TestUser;

beforeAll(async () => {
  platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost' } });
  user = await newUser(platform, 'user');
});
afterAll(() => platform[Symbol.asyncDispose]());

/** The official client, with somebody's credentials. */
async function connected(credentials: Credentials): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), {
    requestInit: { headers: { ...credentials } },
  });
  await client.connect(transport);
  return client;
}

const call = async (by: Visitor, name: string, args: Record<string, unknown>): Promise<CallToolResult> => {
  const client = await connected(by.credentials);
  try {
    return (await client.callTool({ name, arguments: args })) as CallToolResult;
  } finally {
    await client.close();
  }
};

const codeIn = ({ structuredContent }: CallToolResult): unknown =>
  (structuredContent?.['error'] as { code: string } | undefined)?.code;

const catalogue = z.object({ data: z.array(z.object({ name: z.string(), available: z.boolean() })) });

/** What the catalogue offers to the same user. */
async function usableTools(): Promise<string[]> {
  const { data } = catalogue.parse(await (await user.get('/api/v1/tools')).json());
  return data.filter(({ available }) => available).map(({ name }) => name);
}

describe('the Model Context Protocol', () => {
  it('offers every tool with its schema', async () => {
    const client = await connected(user.credentials);

    const { tools } = await client.listTools();

    const names = tools.map(({ name }) => name);
    expect(names.toSorted()).toEqual([...(await usableTools()), 'toolyard_task'].toSorted());
    expect(names).toEqual(expect.arrayContaining(['echo', 'image-convert']));
    const convert = tools.find(({ name }) => name === 'image-convert');
    expect(convert?.inputSchema).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['files']),
      properties: { files: { type: 'array', maxItems: 1 }, options: { properties: { width: { type: 'integer' } } } },
    });
    expect(tools.find(({ name }) => name === 'echo')?.inputSchema.properties).not.toHaveProperty('files');
    await client.close();
  });

  it('runs a tool on an uploaded file, and links to the result, which can be read', async () => {
    const { file_id } = await upload(user, 'photo.jpg', await picture('jpeg', 200));
    const client = await connected(user.credentials);

    const result = await call(user, 'image-convert', { files: [{ file_id }], options: { format: 'webp', width: 16 } });

    expect(result.isError).toBeUndefined();
    const link = result.content.find(({ type }) => type === 'resource_link');
    expect(link).toMatchObject({
      name: 'photo.webp',
      mimeType: 'image/webp',
      uri: expect.stringContaining(platform.url),
    });
    const { uri } = link as { uri: string };
    const { contents } = await client.readResource({ uri });
    const blob = Buffer.from((contents[0] as { blob: string }).blob, 'base64');
    expect(blob.subarray(8, 12).toString()).toBe('WEBP');
    expect(Buffer.from(await (await user.get(new URL(uri).pathname)).bytes())).toEqual(blob);
    expect((await client.listResources()).resources.map((resource) => resource.uri)).toContain(uri);
    await client.close();
  });

  it('takes small files in the call, and answers with data', async () => {
    const result = await call(user, 'file-hash', {
      files: [
        { name: 'a.txt', text: 'hello\n' },
        { name: 'b.txt', base64: Buffer.from('hello\n').toString('base64') },
      ],
    });

    const { data } = result.structuredContent as { data: { files: { digests: { sha256: string } }[] } };
    const [first, second] = data.files.map(({ digests }) => digests.sha256);
    expect(first).toBe('5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03');
    expect(second).toBe(first);
  });

  it('fetches files that are somewhere else', async () => {
    await using remote = await startRemote((_, response) => void response.end('hello\n'));

    const result = await call(user, 'file-hash', { files: [{ url: `${remote.named}/a.txt` }] });

    expect(result.structuredContent).toMatchObject({
      status: 'completed',
      data: { files: [{ digests: { sha256: expect.stringMatching(/^5891b5b5/) } }] },
    });
  });

  it('tells how far it is', async () => {
    const client = await connected(user.credentials);
    const seen: number[] = [];

    await client.callTool({ name: 'echo', arguments: { options: { delay_ms: 3_000 } } }, undefined, {
      onprogress: ({ progress }) => seen.push(progress),
    });

    expect(seen.length).toBeGreaterThan(0);
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
    await client.close();
  });

  it('tells of a task again', async () => {
    const { structuredContent } = await call(user, 'echo', { options: { message: 'again' } });

    const again = await call(user, 'toolyard_task', { task_id: structuredContent?.['task_id'] });

    expect(again.structuredContent).toEqual(structuredContent);
  });
});

describe('a fault', () => {
  it.each([
    ['options that do not fit', 'echo', { options: { delay_ms: -1 } }, 'invalid_options'],
    ['a tool that there is not', 'nothing', {}, 'tool_not_found'],
    [
      'a file that there is not',
      'file-hash',
      { files: [{ file_id: '019a0000-0000-7000-8000-000000000000' }] },
      'file_not_found',
    ],
    [
      'a file of another type',
      'image-convert',
      { files: [{ name: 'a.txt', text: 'x' }], options: { format: 'webp' } },
      'file_type_not_accepted',
    ],
    ['a file of a private network', 'file-hash', { files: [{ url: 'http://127.0.0.1/a' }] }, 'address_not_allowed'],
    ['what no call has', 'echo', { path: '/etc/passwd' }, 'invalid_request'],
  ])('is told as one: %s', async (_, name, args, code) => {
    const before = (await listFiles(user)).data.length;

    const result = await call(user, name, args);

    expect({ isError: result.isError, code: codeIn(result) }).toEqual({ isError: true, code });
    expect((await listFiles(user)).data).toHaveLength(before);
  });

  it('of the tool is told in its own words', async () => {
    const result = await call(user, 'echo', { options: { fail: 'error' } });

    expect(result).toMatchObject({ isError: true, content: [{ text: 'The task was asked to fail.' }] });
  });
});

describe('who asks', () => {
  it('must be known', async () => {
    await expect(connected({})).rejects.toThrow(/401|not_authenticated|Unauthorized/i);
  });

  it('may do no more than the key', async () => {
    const reader = platform.as(bearer(await newKey(user, ['tools:read'])));
    const other = await newUser(platform, 'user');
    const { file_id } = await upload(user, 'a.txt', 'mine\n');
    const uri = `${platform.url}/api/v1/files/${file_id}/content`;

    expect(codeIn(await call(reader, 'echo', {}))).toBe('not_allowed');
    expect(codeIn(await call(other, 'file-hash', { files: [{ file_id }] }))).toBe('file_not_found');
    const runner = platform.as(bearer(await newKey(user, ['tools:read', 'tasks:write'])));
    const files = [{ url: 'http://localhost/a' }];
    expect(codeIn(await call(runner, 'file-hash', { files }))).toBe('not_allowed');
    for (const visitor of [reader, other]) {
      const client = await connected(visitor.credentials);
      await expect(client.readResource({ uri })).rejects.toThrow(/not_allowed|file_not_found/);
      await client.close();
    }
  });

  it('asks for one thing at a time, so that all of it is counted', async () => {
    const accept = 'application/json, text/event-stream';
    const batch = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'resources/list' }));

    const response = await user.postJson('/mcp', batch, { accept });

    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_request' } }]);
  });

  it('is counted', async () => {
    await using platform = await startPlatform({ env: { RATE_LIMIT_CREATE: '2', QUOTA_TASKS_PER_DAY: '0' } });
    const ask = () =>
      platform.postJson(
        '/mcp',
        { jsonrpc: '2.0', id: 1, method: 'tools/list' },
        { accept: 'application/json, text/event-stream' },
      );

    const statuses = [(await ask()).status, (await ask()).status, (await ask()).status];

    expect(statuses).toEqual([200, 200, 429]);
  });
});
