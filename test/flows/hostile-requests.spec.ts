import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { MALFORMED_MULTIPART } from '../multipart.js';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, requestHead } from '../raw-http.js';
import { onBusyMachine } from '../time.limits.js';
import type { Credentials } from '../visitor.js';
import { createTask, finishedTask, upload } from './client.js';
import { openDescriptors, peakMemory, rowCount, traces } from './traces.js';

const MIB = 1024 ** 2;
const ECHO = '/api/v1/tools/echo/process';
const FILES = '/api/v1/files';

/** One request, as it goes over the wire. */
type Wire = readonly (string | Buffer)[];

const NOT_HTTP: readonly Wire[] = [
  ['nonsense\r\n\r\n'],
  ['GET / HTTP/9.9\r\nHost: a\r\n\r\n'],
  ['GET /api/v1/tasks HTTP/1.1\r\n\r\n'],
  [Buffer.from([0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00])],
  ['POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
];

/** By somebody who is known, so that they come as far as they can. */
function malformed(credentials: Credentials): readonly Wire[] {
  const bare = (method: string, path: string, fields: Credentials = {}): Wire => [
    requestHead(method, path, { ...credentials, ...fields }),
  ];
  const post = (path: string, type: string, body: string | Buffer): Wire => [
    requestHead('POST', path, { ...credentials, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
    body,
  ];
  const json = (body: string): Wire => post(ECHO, 'application/json', body);
  const broken = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
  return [
    ...NOT_HTTP,
    bare('GET', '/%E0%A4%A'),
    bare('GET', '/api/v1/files/..%2f..%2fetc%2fpasswd'),
    bare('GET', `/api/v1/tasks/${'x'.repeat(300)}`),
    bare('GET', '/api/v1/tasks?limit=-1&cursor=%00'),
    bare('GET', '/api/v1/tasks?status[$ne]=completed&status=nonsense'),
    bare('TRACE', '/api/v1/tasks'),
    bare('POST', '/api/v1/nothing'),
    bare('GET', '/api/v1/tasks', { 'X-Long': 'x'.repeat(20_000) }),
    [`${requestHead('POST', ECHO, { ...credentials, ...broken })}zzz\r\n`],
    json('{'),
    json('['.repeat(100_000)),
    json('{"__proto__":{"polluted":true}}'),
    json('{"options":{"__proto__":{"polluted":true}}}'),
    json('{"options":{"constructor":{"prototype":{"polluted":true}}}}'),
    json('{"inputs":{"$ne":null}}'),
    json('{"tag":{"$gt":""}}'),
    json('{"tag":{"__raw":"1 = 1"}}'),
    json('{"status":"completed","owner":"somebody","path":"/etc/passwd"}'),
    json(`{"options":{"message":"${'x'.repeat(300_000)}"}}`),
    post(ECHO, 'text/html', '<html>'),
    post(FILES, 'application/octet-stream', ''),
    ...MALFORMED_MULTIPART.map(({ contentType, body }) => post(FILES, contentType, body)),
  ];
}

describe('a thousand malformed requests', () => {
  let platform: Platform;
  let requests: readonly Wire[];
  beforeAll(async () => {
    platform = await startPlatform();
    requests = malformed(platform.credentials);
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  /** Answers the statuses; 0 where the connection ended without an answer. */
  async function attack(rounds: number): Promise<number[]> {
    const statuses = [];
    for (let round = 0; round < rounds; round++) {
      const outcomes = await Promise.all(requests.map((chunks) => exchange(platform.url, { chunks })));
      statuses.push(...outcomes.map(({ response }) => response?.status ?? 0));
    }
    return statuses;
  }

  it('are refused, leave nothing, and keep no good one waiting', async () => {
    const file = await upload(platform, 'warm.txt', 'some text');
    await finishedTask(platform, (await createTask(platform, 'echo')).task_id);
    await attack(4);
    const descriptors = openDescriptors(platform.pid).length;
    const memory = peakMemory(platform.pid);
    const before = await traces(platform);
    const rounds = Math.ceil(1_000 / requests.length);

    const statuses = await attack(rounds);

    const start = performance.now();
    const good = await platform.get(`/api/v1/files/${file.file_id}`);
    expect(performance.now() - start).toBeLessThan(onBusyMachine(1_000));
    expect(good.status).toBe(200);
    expect(statuses.length).toBeGreaterThanOrEqual(1_000);
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect(await traces(platform)).toEqual(before);
    await until(() => openDescriptors(platform.pid).length <= descriptors + 2, { describe: 'all is closed again' });
    expect(peakMemory(platform.pid) - memory).toBeLessThan(48 * MIB);
  }, 300_000);

  it('do not keep a task from being done afterwards', async () => {
    const before = rowCount(platform, 'task');
    await attack(1);

    const task = await createTask(platform, 'echo', { options: { message: 'still here' } });
    expect((await finishedTask(platform, task.task_id)).status).toBe('completed');
    expect(rowCount(platform, 'task')).toBe(before + 1);
  });

  it.each([
    '?status[$ne]=completed',
    '?status[]=completed',
    '?__proto__[status]=completed',
    '?constructor=1',
    '?tool[$regex]=.*',
  ])('are inert as a query: %s', async (query) => {
    const plain = await (await platform.get('/api/v1/tasks')).json();
    const answer = await platform.get(`/api/v1/tasks${query}`);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(plain);
  });
});
