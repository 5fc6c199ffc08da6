import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Platform } from '../test/platform.ts';
import { startPostgresql } from '../test/servers/postgresql.server.ts';
import { startRedis } from '../test/servers/redis.server.ts';
import { createTask, eventually, hasEnded, platformOf, postTask, taskWhen } from './promises.platform.ts';
import type { Promises } from './promises.ts';

const ROUNDS = 5;
const ANSWER_MS = 2_000;
/** It asks nobody. */
const HEALTH_MS = 500;
const RECOVERY_MS = 10_000;
/** Every request is made so many times at once. */
const AT_ONCE = 5;

interface Outage {
  /** For the table: `Redis`, `stopped`. */
  readonly name: readonly [string, string];
  readonly begin: () => unknown;
  readonly end: () => unknown;
  /** What is answered meanwhile to who reads, and to who writes. */
  readonly statuses: readonly [number, number];
}

/** DESIGN §7.6: with Redis or the database down. */
export async function measureOutages(promises: Promises): Promise<void> {
  await heldFile(promises);
  await stoppedServers(promises);
}

async function heldFile(promises: Promises): Promise<void> {
  await using platform = await platformOf();
  let holder: DatabaseSync;
  const begin = () => {
    holder = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { timeout: 5_000 });
    holder.exec('begin exclusive');
  };
  await measure(promises, platform, {
    name: ['SQLite', 'held'],
    begin,
    end: () => holder.close(),
    statuses: [200, 503],
  });
}

async function stoppedServers(promises: Promises): Promise<void> {
  await using postgresql = await startPostgresql();
  await using redis = await startRedis();
  await using platform = await platformOf({ env: { DATABASE_URL: postgresql.url, REDIS_URL: redis.url } });
  await measure(promises, platform, {
    name: ['PostgreSQL', 'stopped'],
    begin: () => postgresql.pause(),
    end: () => postgresql.resume(),
    statuses: [503, 503],
  });
  await measure(promises, platform, {
    name: ['Redis', 'stopped'],
    begin: () => redis.pause(),
    end: () => redis.resume(),
    statuses: [200, 202],
  });
}

async function measure(promises: Promises, platform: Platform, outage: Outage): Promise<void> {
  const { begin, end } = outage;
  const [name, state] = outage.name;
  const [reading, writing] = outage.statuses;
  const answer = (what: string, status: number, targetMs: number, request: () => Promise<Response>) =>
    promises.time(`${what} while ${name} is ${state}`, targetMs, async () => expectStatus(await request(), status));
  for (let round = 0; round < ROUNDS; round++) {
    await ready(platform);
    await begin();
    await answer('/health', 200, HEALTH_MS, () => platform.get('/health'));
    await atOnce(() => answer('who reads is answered', reading, ANSWER_MS, () => platform.get('/api/v1/tasks')));
    await atOnce(() => answer('who writes is answered', writing, ANSWER_MS, () => postTask(platform, 'echo')));
    await answer('/ready', 503, ANSWER_MS, () => platform.get('/ready'));
    await end();
    const again = `ready, and a task done, after ${name} was ${state}`;
    await promises.time(again, RECOVERY_MS, () => recovered(platform));
  }
}

function atOnce(request: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: AT_ONCE }, request));
}

async function recovered(platform: Platform): Promise<void> {
  await ready(platform);
  await taskWhen(platform, await createTask(platform, 'echo'), 'the task is done', hasEnded);
}

async function ready(platform: Platform): Promise<void> {
  await eventually(async () => (await platform.get('/ready')).status === 200, 'the platform is ready');
}

async function expectStatus(response: Response, status: number): Promise<void> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, but got ${response.status}: ${text}`);
}
