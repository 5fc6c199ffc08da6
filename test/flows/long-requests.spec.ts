import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Platform, startPlatform } from '../platform.js';

const ANSWER_MS = 1_500;
const VERSION = { 'tus-resumable': '1.0.0' };

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ env: { ANSWER_TIMEOUT_MS: String(ANSWER_MS) } });
});
afterAll(() => platform[Symbol.asyncDispose]());

/** Whoever would rather wait gets that time on top: as long as this answer takes, no other one may. */
async function timeIsOver(): Promise<void> {
  const task = { options: { delay_ms: 20_000 } };
  const created = await platform.postJson('/api/v1/tools/echo/process', task);
  const path = created.headers.get('location') ?? '';
  const waiting = await platform.get(path, { headers: { prefer: `wait=${2 * (ANSWER_MS / 1_000)}` } });
  expect(await waiting.json()).toMatchObject({ status: 'processing' });
  await platform.post(`${path}/cancel`);
}

async function* slowly(): AsyncGenerator<Buffer> {
  yield Buffer.from('hello');
  await timeIsOver();
  await timeIsOver();
  yield Buffer.from('world');
}

describe('a request that takes longer than answers may', () => {
  it('is one that brings a piece of an upload', async () => {
    const headers = { ...VERSION, 'upload-length': '10' };
    const begun = await platform.post('/api/v1/uploads', { headers });

    const init = {
      body: Readable.toWeb(Readable.from(slowly())),
      headers: { ...VERSION, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
      duplex: 'half',
    } as RequestInit;
    const piece = await platform.send('PATCH', begun.headers.get('location') ?? '', init);

    expect([piece.status, piece.headers.get('upload-offset')]).toEqual([204, '10']);
  });

  it('is one of a model that waits for its task', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: { ...platform.credentials } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), { requestInit }));

    const result = await client.callTool({ name: 'echo', arguments: { options: { delay_ms: 3 * ANSWER_MS } } });

    expect(result).toMatchObject({ structuredContent: { status: 'completed' } });
    await client.close();
  });
});
