import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, requestHead } from '../raw-http.js';
import { createTask, finishedTask } from './client.js';
import { asResponse, problemOf } from './problem.js';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});

afterAll(() => platform[Symbol.asyncDispose]());

const send = async (...chunks: (string | Buffer)[]): Promise<Response> =>
  asResponse((await exchange(platform.url, { chunks })).response);

describe('a probe', () => {
  it('hears from /health that the process lives', async () => {
    const response = await platform.get('/health');

    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toEqual({ status: 'ok' });
  });

  it('hears from /ready that the work can be done, and of each part when it asks', async () => {
    const [brief, verbose] = [await platform.get('/ready'), await platform.get('/ready?verbose')];

    await expect(brief.json()).resolves.toEqual({ status: 'ready' });
    await expect(verbose.json()).resolves.toEqual({
      status: 'ready',
      parts: {
        process: { status: 'up' },
        database: { status: 'up' },
        queue: { status: 'up' },
        storage: { status: 'up' },
        plugins: { status: 'up', available: expect.any(Number), unavailable: expect.any(Number), broken_plugins: 0 },
        sandbox: {
          status: 'up',
          mode: 'auto',
          layers: expect.arrayContaining(['limits', 'permission']),
          missing: expect.any(Object),
        },
      },
    });
    expect(brief.headers.get('cache-control')).toBe('no-store');
  });

  it('may come from anywhere, for probes tell nothing of users', async () => {
    const answers = await Promise.all(
      ['/health', '/ready', '/metrics'].map((path) => send(requestHead('GET', path, { Host: 'toolyard.example' }))),
    );

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe('the metrics', () => {
  it('have the figures by which a platform is watched, and no name of a user or a file', async () => {
    const files = [{ name: 'secret-name.txt', bytes: 'twelve bytes' }];
    const { task_id, inputs } = await createTask(platform, 'file-hash', { files, tag: 'secret-tag' });
    await finishedTask(platform, task_id);
    await platform.get('/api/v1/no-such-path/secret-path');

    const text = await (await platform.get('/metrics')).text();

    expect(text).toMatch(/^toolyard_tasks_total\{tool="file-hash",status="completed"\} 1$/m);
    expect(text).toMatch(/^toolyard_task_wait_seconds_count 1$/m);
    expect(text).toMatch(/^toolyard_task_duration_seconds_count\{tool="file-hash"\} 1$/m);
    expect(text).toMatch(/^toolyard_uploads_bytes_total 12$/m);
    expect(text).toMatch(/^toolyard_queue_depth\{state="waiting"\} 0$/m);
    expect(text).toMatch(/^http_request_duration_seconds_count\{.*route="\/api\/v1\/tools\/:tool\/process".*\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    for (const secret of ['secret', 'local', task_id, inputs[0]?.file_id]) expect(text).not.toContain(secret);
  });
});

describe('a request to nowhere', () => {
  it.each(['/', '/api', '/api/v1', '/api/v1/task', '/api/v2/tasks', '/tasks', '/health/', '/api/v1/tasks/x/y/z'])(
    'is not found: %s',
    async (path) => {
      const problem = await problemOf(await platform.get(path));

      expect(problem).toMatchObject({ status: 404, instance: path, error: { type: 'not_found', code: 'not_found' } });
    },
  );

  it.each([
    ['PUT', '/api/v1/tasks', 'DELETE, GET, HEAD'],
    ['DELETE', '/api/v1/tools/echo', 'GET, HEAD'],
    ['GET', '/api/v1/tools/echo/process', 'POST'],
    ['PATCH', '/api/v1/files', 'GET, HEAD, POST'],
    ['POST', '/health', 'GET, HEAD'],
  ])('hears which methods there are: %s %s', async (method, path, allow) => {
    const response = await platform.get(path, { method });

    expect(response.headers.get('allow')).toBe(allow);
    await expect(problemOf(response)).resolves.toMatchObject({ status: 405, error: { code: 'method_not_allowed' } });
  });

  it.each(['/api/v1/tasks/no-uuid', '/api/v1/files/no-uuid', '/api/v1/files/..%2f..%2fetc/content'])(
    'hears that this is no id: %s',
    async (path) => {
      const problem = await problemOf(await platform.get(path));

      expect(problem).toMatchObject({ status: 400, error: { type: 'validation_error', code: 'invalid_request' } });
    },
  );
});

describe('a request that cannot be taken', () => {
  it('has a body of a kind that nobody reads', async () => {
    const headers = { 'content-type': 'application/xml' };

    const problem = await problemOf(await platform.post('/api/v1/tools/echo/process', { body: '<options/>', headers }));

    expect(problem).toMatchObject({ status: 415, error: { code: 'unsupported_media_type' } });
  });

  it('has header fields that are too large', async () => {
    const head = requestHead('GET', '/health', { 'X-Large': 'x'.repeat(20_000) });

    const problem = await problemOf(await send(head));

    expect(problem).toMatchObject({ status: 431, error: { type: 'payload_too_large', code: 'headers_too_large' } });
  });

  it.each([
    ['is not HTTP at all', 'HELO mail.example\r\n\r\n'],
    ['is half of a TLS greeting', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0d, 0x0a, 0x0d, 0x0a])],
    ['has no Host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['has a space in the name of a field', 'GET /health HTTP/1.1\r\nHost: localhost\r\nX Y: z\r\n\r\n'],
    ['has two lengths', requestHead('POST', '/api/v1/files', { 'Content-Length': '1, 2' })],
    ['has a length that is no number', requestHead('POST', '/api/v1/files', { 'Content-Length': 'ten' })],
    [
      'has a length and chunks, of which a proxy may believe the other',
      requestHead('POST', '/api/v1/files', { 'Content-Length': 5, 'Transfer-Encoding': 'chunked' }),
    ],
    ['has a path that cannot be decoded', requestHead('GET', '/api/v1/files/%zz', {})],
  ])('%s', async (_, bytes) => {
    const problem = await problemOf(await send(bytes));

    expect(problem).toMatchObject({ status: 400, error: { type: 'validation_error', code: 'malformed_request' } });
    expect((await platform.get('/health')).status).toBe(200);
  });
});

describe('the id of a request', () => {
  it('is the one that the client gave, when it is harmless', async () => {
    const headers = { 'x-request-id': 'trace-42' };

    const [good, bad] = [await platform.get('/health', { headers }), await platform.get('/nowhere', { headers })];

    expect(good.headers.get('x-request-id')).toBe('trace-42');
    await expect(problemOf(bad)).resolves.toMatchObject({ error: { request_id: 'trace-42' } });
    await until(() => platform.logs().includes('"request_id":"trace-42"'), { describe: 'the log has the id' });
  });

  it.each(['', 'x'.repeat(101), 'a b', '{"a":1}', 'ü'])('is a new one when that is %j', async (id) => {
    const response = await send(requestHead('GET', '/health', { 'X-Request-Id': id }));

    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
