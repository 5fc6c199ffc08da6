import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../test/conditions.ts';
import { type Platform, startPlatform } from '../test/platform.ts';
import { queryPostgresql } from '../test/servers/postgresql.client.ts';
import { startPostgresql } from '../test/servers/postgresql.server.ts';
import { startRedis } from '../test/servers/redis.server.ts';
import { Client } from './client.ts';
import { Followers } from './follower.ts';
import { taskId } from './pace.ts';
import { residentMemory } from './processor.ts';
import type { Stage } from './stage.ts';
import { percentile } from './statistics.ts';
import { figure, verdict } from './table.ts';

const TASKS = 2_000;
/** One that waits and one that reads for each task. */
const FOLLOWERS = 2 * TASKS;
/** Between two who begin: they shall come one after the other, as people do, and not as a storm. */
const OPENING_MS = 4;
const TARGET_BYTES = 20_000;
const TARGET_MS = 250;
/** With what the worker itself needs, about fifty a second come to their end, one after the other. */
const TASK = Buffer.from(JSON.stringify({ options: { delay_ms: 10 } }));
const UNLIMITED = {
  LOG_LEVEL: 'warn',
  RATE_LIMIT_CREATE: '0',
  RATE_LIMIT_STATUS: '0',
  MAX_CONNECTIONS: String(FOLLOWERS + 100),
};

/** What those cost who wait while nothing happens, and how soon they hear of what does. */
export async function followBench({ seconds }: Stage): Promise<void> {
  await using database = await startPostgresql();
  await using redis = await startRedis();
  const env = { ...UNLIMITED, DATABASE_URL: database.url, REDIS_URL: redis.url };
  await using platform = await startPlatform({ env, roles: ['api'] });
  const ids = await createTasks(platform);
  const before = residentMemory(platform.pid) ?? Number.NaN;
  using followers = new Followers(platform);
  for (const id of ids) {
    followers.wait(id);
    followers.read(id);
    await sleep(OPENING_MS);
  }
  await until(() => followers.answers >= TASKS, { timeoutMs: 60_000, describe: 'every reader is connected' });
  const asked = await statements(database.url, seconds);
  const after = residentMemory(platform.pid) ?? Number.NaN;

  console.log(`\nfollow: ${TASKS} clients wait and ${TASKS} read events, each for a task of its own`);
  console.log(`  kB of memory for each: ${verdict((after - before) / FOLLOWERS / 1_000, '<', TARGET_BYTES / 1_000)}`);
  console.log(`  statements in ${seconds} s in which nothing happens: ${asked.length} ${asked.join('; ')}`);
  const started = performance.now();
  await platform.start('worker', { WORKER_CONCURRENCY: '1' });
  const heard = () => followers.delays.length >= FOLLOWERS;
  await until(heard, { timeoutMs: 300_000, describe: 'everybody has heard of the end' });
  const rate = TASKS / ((performance.now() - started) / 1_000);

  const [p50, p99] = [0.5, 0.99].map((share) => percentile(followers.delays, share));
  console.log(`  ms from the end of a task to who follows it, at ${figure(rate)} tasks/s: p50 ${figure(p50)}`);
  console.log(`    p99 ${verdict(p99 ?? Number.NaN, '<', TARGET_MS)}`);
  if (followers.problems.length > 0) console.log(`  PROBLEMS: ${followers.problems.slice(0, 5).join('; ')}`);
}

async function createTasks(platform: Platform): Promise<string[]> {
  using client = new Client(platform, 16);
  const ids: string[] = [];
  const create = async () => {
    for (let task = 0; task < TASKS / 16; task++) {
      ids.push(taskId(await client.post('/api/v1/tools/echo/process', 'application/json', TASK)));
    }
  };
  await Promise.all(Array.from({ length: 16 }, create));
  return ids;
}

/** Statements that anybody has begun in so many seconds, from now on: the last one of each connection. */
async function statements(url: string, seconds: number): Promise<string[]> {
  await sleep(seconds * 1_000);
  const rows = await queryPostgresql(
    url,
    `select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and query_start > clock_timestamp() - interval '${seconds} seconds'`,
  );
  return rows.map(({ query }) => String(query).slice(0, 60));
}
