import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/config.load.js';
import { SQLITE_MIGRATIONS } from '../../src/database/migrations/sqlite/list.js';
import { DATABASES, openDatabase, prepareSqlite, type TestDatabase } from './databases.js';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const ALL = SQLITE_MIGRATIONS.map(({ name }) => ({ name }));
const MIGRATIONS = 'select name from mikro_orm_migrations order by id';

describe.each(DATABASES)('the database on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  beforeAll(async () => {
    ground = await prepare();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  it('has its schema after the start', async () => {
    const { database } = ground;

    await expect(database.query('select count(*) as number from task', [])).resolves.toHaveLength(1);
    await expect(database.query('select count(*) as number from file', [])).resolves.toHaveLength(1);
    await expect(database.query(MIGRATIONS, [])).resolves.toEqual(ALL);
    expect(database.kind).toBe(kind);
  });

  it('finds nothing to do at the second start, and keeps the rows', async () => {
    await ground.database.change(
      `insert into file (id, owner, name, type, extension, size, sha256, created_at, expires_at)
       values ('019a0000-0000-7000-8000-000000000000', 'me', 'a', 'b', 'c', 1, 'd', ?, ?)`,
      [new Date(0), new Date(0)],
    );

    const second = await ground.open();

    await expect(second.query(MIGRATIONS, [])).resolves.toEqual(ALL);
    await expect(second.query('select owner from file', [])).resolves.toEqual([{ owner: 'me' }]);
  });

  it('answers whoever asks whether it is there', async () => {
    await expect(ground.database.ping()).resolves.toBeUndefined();
  });

  it('tells how many rows a statement changed', async () => {
    await expect(ground.database.change('update task set priority = ? where owner = ?', [1, 'nobody'])).resolves.toBe(
      0,
    );
  });

  it('answers statements of every kind, however many there were', async () => {
    for (let number = 0; number < 600; number++) {
      const [row] = await ground.database.query(`select ${number} as number, cast(? as integer) as value`, [number]);
      expect(row).toEqual({ number, value: number });
    }
  });

  it('gives every piece of work an entity manager of its own', () => {
    expect(ground.database.entities()).not.toBe(ground.database.entities());
  });

  it('refuses a status that no task can have', async () => {
    const insertion = ground.database.change(
      `insert into task (id, owner, tool, tool_version, status, attempt, max_attempts, priority, available_at,
         progress_ratio, options, inputs, outputs, created_at)
       values ('019a0000-0000-7000-8000-000000000001', 'me', 'echo', '1.0.0', 'paused', 0, 3, 0, ?, 0, '{}', '[]', '[]', ?)`,
      [new Date(0), new Date(0)],
    );

    await expect(insertion).rejects.toThrow(/constraint/i);
  });
});

describe.each(DATABASES)('several processes that start at once on $name', ({ prepare }) => {
  it('leave one schema, made once', async () => {
    await using ground = await prepare();
    await forgetSchema(ground);

    const ends = await Promise.all(Array.from({ length: 6 }, () => migrateInProcess(ground.config)));

    expect(ends).toEqual(Array.from({ length: 6 }, () => 'The database is up to date.\n'));
    await expect(ground.database.query(MIGRATIONS, [])).resolves.toEqual(ALL);
    await expect(ground.database.query('select * from task', [])).resolves.toEqual([]);
  });
});

async function forgetSchema({ database }: TestDatabase): Promise<void> {
  const isSqlite = database.kind === 'sqlite';
  const tables = isSqlite
    ? `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`
    : `select tablename as name from pg_tables where schemaname = 'public'`;
  for (const { name } of await database.query(tables, []))
    await database.change(`drop table ${String(name)}${isSqlite ? '' : ' cascade'}`, []);
  if (isSqlite) return;
  for (const name of ['refuse_audit_change', 'announce_end_of_task'])
    await database.change(`drop function ${name}`, []);
}

async function migrateInProcess({ DATA_DIR, DATABASE_URL }: Config): Promise<string> {
  const env = { PATH: process.env['PATH'], DATA_DIR, ...(DATABASE_URL && { DATABASE_URL }) };
  return (await execute(process.execPath, [CLI, 'migrate'], { env })).stdout;
}

describe('the database on SQLite', () => {
  it('is a file in DATA_DIR that survives the death of its process', async () => {
    await using ground = await prepareSqlite();

    const [journal] = await ground.database.query('pragma journal_mode', []);
    const [list] = await ground.database.query('pragma database_list', []);

    expect(journal).toEqual({ journal_mode: 'wal' });
    expect(list?.['file']).toBe(join(ground.directory, 'toolyard.sqlite'));
  });

  it('is where DATABASE_URL says', async () => {
    await using ground = await prepareSqlite();
    const path = join(ground.directory, 'some where', 'else.sqlite');

    const { database, close } = await openDatabase(
      loadConfig({ DATA_DIR: ground.directory, DATABASE_URL: new URL(`file://${path}`).href }),
    );
    const [list] = await database.query('pragma database_list', []);
    await close();

    expect(list?.['file']).toBe(path);
  });
});
