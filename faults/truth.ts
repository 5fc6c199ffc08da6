import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import type { Platform } from '../test/platform.ts';
import { queryPostgresql } from '../test/servers/postgresql.client.ts';
import type { FileRow, TaskRow } from './checker/rows.ts';
import type { Ground } from './ground.ts';

type Row = Readonly<Record<string, unknown>>;

const JSON_COLUMNS = ['data', 'inputs', 'outputs', 'error'];

/** What database and Redis have, read past the server. */
export class Truth {
  private readonly ground: Ground;
  private readonly platform: Platform;

  constructor(ground: Ground, platform: Platform) {
    this.ground = ground;
    this.platform = platform;
  }

  async tasks(): Promise<TaskRow[]> {
    const rows = await this.query(
      `select id, tag, status, attempt, data, inputs, outputs, error, lease_owner as "leaseOwner" from task`,
    );
    return rows.map((row) => ({ ...row, ...parsed(row) }) as unknown as TaskRow);
  }

  async files(): Promise<FileRow[]> {
    const rows = await this.query('select id, sha256, stored_at, purged_at from file');
    return rows.map(({ id, sha256, stored_at: stored, purged_at: purged }) => ({
      id: String(id),
      sha256: String(sha256),
      stored: stored !== null,
      purged: purged !== null,
    }));
  }

  /** Rings in every state that Bull keeps; 0 where it has no part. */
  async rings(): Promise<number> {
    if (!this.ground.redis) return 0;
    return useRedis(this.ground.redis.url, async (redis) => {
      const lists = await Promise.all(['wait', 'active', 'paused'].map((name) => redis.llen(`toolyard:tasks:${name}`)));
      return lists.reduce((sum, length) => sum + length, await redis.zcard('toolyard:tasks:delayed'));
    });
  }

  private async query(statement: string): Promise<Row[]> {
    if (this.ground.postgresql) return queryPostgresql(this.ground.postgresql.url, statement);
    using database = new DatabaseSync(join(this.platform.dataDir, 'toolyard.sqlite'), { readOnly: true });
    return database.prepare(statement).all();
  }
}

/** Runs something on a connection of its own. */
export async function useRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    await redis.quit();
  }
}

/** SQLite gives JSON as text, PostgreSQL as what it means. */
function parsed(row: Row): Row {
  const entries = JSON_COLUMNS.map((column) => [column, row[column]]);
  return Object.fromEntries(
    entries.map(([column, value]) => [column, typeof value === 'string' ? JSON.parse(value) : value]),
  ) as Row;
}
