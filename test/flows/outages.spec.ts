import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { startPostgresql } from '../servers/postgresql.server.js';
import { startRedis } from '../servers/redis.server.js';
import type { ServerProcess } from '../servers/server-process.js';
import { taskSchema } from '../../src/tasks/task.document.js';
import { onBusyMachine } from '../time.limits.js';
import { createTask, finishedTask, postTask, type TaskDocument, upload } from './client.js';
import { problemOf } from './problem.js';

/** DESIGN §7.6. */
const ANSWER_MS = 2_000;
const READY_MS = 3_000;
const RECOVERY_MS = 10_000;
const HEALTH_MS = 500;
/** Longer than any answer is waited for: nothing will come. */
const NEVER_MS = 20_000;
const TEST_MS = 120_000;

let redis: ServerProcess;
let postgresql: ServerProcess;
let platform: Platform;

beforeAll(async () => {
  [redis, postgresql] = await Promise.all([startRedis(), startPostgresql()]);
  platform = await startPlatform({
    env: { REDIS_URL: redis.url, DATABASE_URL: postgresql.url, WORKER_CONCURRENCY: '2' },
  });
  await upload(platform, 'warm.txt', 'warm\n');
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await Promise.all([redis, postgresql].map((server) => server[Symbol.asyncDispose]()));
});

interface Timed {
  readonly response: Response | undefined;
  readonly ms: number;
}

/** Without a response: nothing had come when the client gave up, long after the time in which it was promised. */
const timed = async (request: () => Promise<Response>): Promise<Timed> => {
  const started = performance.now();
  const response = await Promise.race([request(), sleep(NEVER_MS, undefined, { ref: false })]);
  return { response, ms: performance.now() - started };
};

const createTen = (): Promise<TaskDocument[]> =>
  Promise.all(Array.from({ length: 10 }, () => createTask(platform, 'echo', { options: { delay_ms: 100 } })));

const isReadyAgain = (): Promise<unknown> =>
  until(async () => (await platform.get('/ready')).status === 200, {
    timeoutMs: onBusyMachine(RECOVERY_MS),
    describe: 'the platform is ready again',
  });

describe.each([
  ['queue', 'stands still', () => redis.pause(), () => redis.resume()],
  ['queue', 'is gone', () => redis.kill(), () => redis.start()],
  ['database', 'stands still', () => postgresql.pause(), () => postgresql.resume()],
  ['database', 'is gone', () => postgresql.kill(), () => postgresql.start()],
] as const)('while the %s %s', (part, _, breakIt, mendIt) => {
  beforeAll(async () => {
    await isReadyAgain();
    await breakIt();
  });

  afterAll(async () => {
    await mendIt();
    await isReadyAgain();
  });

  it('the process says that it lives, and soon that it is not ready', async () => {
    const health = await timed(() => platform.get('/health'));
    const ready = await timed(() => platform.get('/ready?verbose'));

    expect(health.response?.status).toBe(200);
    expect(health.ms).toBeLessThan(onBusyMachine(HEALTH_MS));
    expect(ready.response?.status).toBe(503);
    expect(ready.ms).toBeLessThan(onBusyMachine(READY_MS));
    expect(ready.response?.headers.get('retry-after')).not.toBeNull();
    await expect(ready.response?.json()).resolves.toMatchObject({
      status: 'not_ready',
      parts: { [part]: { status: 'down' }, storage: { status: 'up' } },
    });
  });

  it('a client is not kept waiting', async () => {
    const list = await timed(() => platform.get('/api/v1/tasks'));
    const task = await timed(() => postTask(platform, 'echo'));

    const wanted = part === 'queue' ? [200, 202] : [503, 503];
    expect([list.response?.status, task.response?.status]).toEqual(wanted);
    expect(Math.max(list.ms, task.ms)).toBeLessThan(onBusyMachine(ANSWER_MS));
  });

  it('the metrics are there', async () => {
    const { response, ms } = await timed(() => platform.get('/metrics'));

    expect(response?.status).toBe(200);
    expect(ms).toBeLessThan(onBusyMachine(ANSWER_MS));
  });
});

describe('when the database is gone', () => {
  it('the answer says that it is worth to try again, and nothing of the database', async () => {
    await postgresql.kill();
    const response = await platform.get('/api/v1/files');
    const problem = await problemOf(response);
    await postgresql.start();

    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(problem).toMatchObject({ status: 503, error: { code: 'unavailable', retryable: true } });
    expect(JSON.stringify(problem)).not.toMatch(/postgres|5432|ECONN|127\.0\.0\.1/i);
    await isReadyAgain();
  });
});

describe('40 tasks', () => {
  it(
    'are all done, though Redis forgets everything and is gone for a while',
    async () => {
      await isReadyAgain();
      const created = await createTen();

      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
      created.push(...(await createTen()));
      await redis.kill();
      created.push(...(await createTen()));
      await redis.start();
      created.push(...(await createTen()));
      const tasks = await Promise.all(
        created.map(({ task_id }) => finishedTask(platform, task_id, onBusyMachine(RECOVERY_MS))),
      );

      expect(tasks).toHaveLength(40);
      expect(tasks.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(tasks.map(() => 'completed 1'));
    },
    TEST_MS,
  );
});

describe('a Redis that is full', () => {
  it(
    'takes no ring, but tasks are accepted, and done when there is room again',
    async () => {
      await isReadyAgain();
      const client = new Redis(redis.url);
      await client.config('SET', 'maxmemory', '1mb');
      const created = await Promise.all(Array.from({ length: 10 }, () => timed(() => postTask(platform, 'echo'))));
      await client.config('SET', 'maxmemory', '0');
      client.disconnect();

      expect(created.map(({ response }) => response?.status)).toEqual(created.map(() => 202));
      expect(Math.max(...created.map(({ ms }) => ms))).toBeLessThan(onBusyMachine(ANSWER_MS));
      const ids = await Promise.all(
        created.map(async ({ response }) => taskSchema.parse(await response?.json()).task_id),
      );
      const tasks = await Promise.all(ids.map((id) => finishedTask(platform, id, onBusyMachine(RECOVERY_MS))));
      expect(tasks.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(ids.map(() => 'completed 1'));
    },
    TEST_MS,
  );
});

describe('a Redis that keeps nothing', () => {
  it(
    'may die with all that it knew: every task is done, and the operator was told',
    async () => {
      await using forgetful = await startRedis({ appendOnly: false });
      const env = { REDIS_URL: forgetful.url, DATABASE_URL: '', WORKER_CONCURRENCY: '2' };
      await using other = await startPlatform({ env });
      const tasks = await Promise.all(
        Array.from({ length: 10 }, () => createTask(other, 'echo', { options: { delay_ms: 300 } })),
      );

      await forgetful.kill();
      const late = await createTask(other, 'echo');
      await forgetful.start();
      const ids = [...tasks, late].map(({ task_id }) => task_id);
      const finished = await Promise.all(ids.map((id) => finishedTask(other, id, onBusyMachine(RECOVERY_MS))));

      expect(finished.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(ids.map(() => 'completed 1'));
      const ready = await other.get('/ready?verbose');
      await expect(ready.json()).resolves.toMatchObject({
        status: 'ready',
        parts: { queue: { status: 'up', warnings: [expect.stringContaining('appendonly')] } },
      });
      expect(other.logs()).toContain('Redis keeps the queue in memory only');
    },
    TEST_MS,
  );
});
