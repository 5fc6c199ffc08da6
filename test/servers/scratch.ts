import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { queryPostgresql } from './postgresql.client.ts';

/** A place on a shared server that belongs to one test alone. */
export interface Scratch extends AsyncDisposable {
  readonly url: string;
  /** Removes it with all that is in it, whoever still uses it. The same as disposing of it. */
  drop(): Promise<void>;
}

/** Says which places are taken; lives in database 0, which is nobody's scratch. Long enough for the slowest test file. */
const LOCK_SECONDS = 3_600;
/** The answer of Redis to the question how many logical databases it has. */
const DATABASES = z.tuple([z.literal('databases'), z.coerce.number()]);
const lockOf = (database: number) => `toolyard-test:scratch:${database}`;

/** A new, empty PostgreSQL database under a name of its own. */
export async function scratchDatabase(server: string = shared('TEST_DATABASE_URL')): Promise<Scratch> {
  const name = `scratch_${randomUUID().replaceAll('-', '')}`;
  await queryPostgresql(server, `CREATE DATABASE ${name}`);
  return scratch(at(server, name), async () => {
    await queryPostgresql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

/**
 * A logical Redis database that is empty and that no other test has: `/N` at the end of the URL. Keys are apart, but
 * publish and subscribe are not: a channel is one for all databases of a server.
 */
export async function scratchRedis(server: string = shared('TEST_REDIS_URL')): Promise<Scratch> {
  const database = await withRedis(server, take);
  const url = at(server, String(database));
  return scratch(url, async () => {
    await withRedis(url, (redis) => redis.flushdb());
    await withRedis(server, (redis) => redis.del(lockOf(database)));
  });
}

function shared(variable: string): string {
  const url = process.env[variable];
  if (!url) throw new Error(`${variable} is not set: Jest's global setup starts the shared servers.`);
  return url;
}

function scratch(url: string, drop: () => Promise<void>): Scratch {
  return { url, drop, [Symbol.asyncDispose]: drop };
}

function at(server: string, path: string): string {
  const url = new URL(server);
  url.pathname = `/${path}`;
  return url.href;
}

/** What is not empty may be somebody's data on a server that was given to us, so it is left alone. */
async function take(redis: Redis): Promise<number> {
  const count = DATABASES.parse(await redis.config('GET', 'databases'))[1];
  for (let database = 1; database < count; database++) {
    const locked = await redis.set(lockOf(database), process.pid, 'EX', LOCK_SECONDS, 'NX');
    if (locked && (await isEmpty(redis, database))) return database;
  }
  throw new Error(`All ${count} databases of Redis are taken: drop() those that are done with, or clear the server.`);
}

async function isEmpty(redis: Redis, database: number): Promise<boolean> {
  const other = redis.duplicate({ db: database });
  try {
    return (await other.dbsize()) === 0;
  } finally {
    other.disconnect();
  }
}

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
