import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import type { Credentials } from '../visitor.js';
import { exchange, requestHead } from '../raw-http.js';
import { upload } from './client.js';
import { asResponse } from './problem.js';
import { peakMemory } from './traces.js';

const MIB = 1_024 ** 2;
const SIZE = 512 * MIB;
const HEADERS = { 'Content-Type': 'application/octet-stream', 'Content-Length': SIZE };

const onLinux = existsSync('/proc/self/clear_refs') ? describe : describe.skip;

/** The figure for 2 GB is the benchmark's; what grows with the size of a file shows at a quarter of that. */
onLinux('the memory of the server', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
    await upload(platform, 'first.txt', Buffer.alloc(MIB, 'warm '));
    // See proc(5): 5 resets the peak, which the start has set higher than where the memory is now.
    await writeFile(`/proc/${platform.pid}/clear_refs`, '5');
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  it('does not grow with the size of an upload or a download', async () => {
    const before = peakMemory(platform.pid);

    const { response } = await exchange(platform.url, { chunks: body(platform.credentials), timeoutMs: 25_000 });
    const { data } = JSON.parse(await asResponse(response).text());
    const afterUpload = peakMemory(platform.pid);
    const downloaded = await bytesOf(await platform.get(data[0].content_url));
    const afterDownload = peakMemory(platform.pid);

    expect(response?.status).toBe(201);
    expect(data[0].size).toBe(SIZE);
    expect(downloaded).toBe(SIZE);
    expect(afterUpload - before).toBeLessThan(96 * MIB);
    expect(afterDownload - before).toBeLessThan(96 * MIB);
  });
});

function* body(credentials: Credentials): Generator<Buffer | string> {
  yield requestHead('POST', '/api/v1/files', { ...credentials, ...HEADERS });
  const piece = Buffer.alloc(MIB, 'text ');
  for (let sent = 0; sent < SIZE; sent += piece.length) yield piece;
}

/** How many there are, keeping none. */
async function bytesOf({ body }: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of body ?? []) bytes += chunk.length;
  return bytes;
}
