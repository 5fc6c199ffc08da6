import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Constructor, IDatabaseDriver } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type { MikroOrmModuleOptions } from '@mikro-orm/nestjs';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { SqliteDriver } from '@mikro-orm/sqlite';
import type { Config } from '../config/config.js';
import type { NamedMigration } from './migrations/named-migration.js';
import { POSTGRESQL_MIGRATIONS } from './migrations/postgresql/list.js';
import { SQLITE_MIGRATIONS } from './migrations/sqlite/list.js';
import { PATIENT_POOL } from './postgresql.pool.js';

export type DatabaseKind = 'sqlite' | 'postgresql';

export function databaseKind({ DATABASE_URL }: Config): DatabaseKind {
  return DATABASE_URL === undefined || DATABASE_URL.startsWith('file:') ? 'sqlite' : 'postgresql';
}

export function databaseDriver(config: Config): Constructor<IDatabaseDriver> {
  return databaseKind(config) === 'sqlite' ? SqliteDriver : PostgreSqlDriver;
}

/** Everything MikroORM needs but the entities, which each folder brings by itself. */
export function databaseOptions(config: Config): MikroOrmModuleOptions {
  const own = databaseKind(config) === 'sqlite' ? sqlite(config) : postgresql(config);
  return {
    driver: databaseDriver(config),
    autoLoadEntities: true,
    registerRequestContext: false,
    extensions: [Migrator],
    logger: () => {},
    forceUtcTimezone: true,
    discovery: { warnWhenNoEntities: false },
    ...own,
  };
}

function sqlite(config: Config): MikroOrmModuleOptions {
  const transactional = false; // Because there is a transaction around all of them; see Database.
  return { dbName: sqlitePath(config), migrations: { ...migrations(SQLITE_MIGRATIONS), transactional } };
}

function postgresql({ DATABASE_URL }: Config): MikroOrmModuleOptions {
  return {
    clientUrl: DATABASE_URL ?? '',
    migrations: migrations(POSTGRESQL_MIGRATIONS),
    pool: { min: 0, max: 10 },
    driverOptions: PATIENT_POOL,
  };
}

function migrations(migrationsList: readonly NamedMigration[]): NonNullable<MikroOrmModuleOptions['migrations']> {
  return { migrationsList: [...migrationsList], snapshot: false, transactional: true, silent: true };
}

function sqlitePath({ DATABASE_URL, DATA_DIR }: Config): string {
  const path = DATABASE_URL ? fileURLToPath(DATABASE_URL) : join(DATA_DIR, 'toolyard.sqlite');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}
