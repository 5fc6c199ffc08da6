import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntitySchema } from '@mikro-orm/core';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { NestFactory } from '@nestjs/core';
import { AuditEvent } from '../../src/auth/audit/audit-event.entity.js';
import { Share } from '../../src/auth/sharing/share.entity.js';
import { ApiKey } from '../../src/auth/keys/api-key.entity.js';
import { RefreshToken, Session } from '../../src/auth/sessions/session.entity.js';
import { OneTimeLink } from '../../src/auth/users/one-time-link.entity.js';
import { User } from '../../src/auth/users/user.entity.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { Database } from '../../src/database/database.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { File } from '../../src/files/file.entity.js';
import { Task } from '../../src/tasks/task.entity.js';
import { Delivery } from '../../src/tasks/webhooks/delivery.entity.js';
import { Webhook } from '../../src/tasks/webhooks/webhook.entity.js';
import { scratchDatabase } from '../servers/scratch.js';

/** An empty database of its own, with the schema in it, and a directory for whatever else a test keeps. */
export interface TestDatabase extends AsyncDisposable {
  readonly config: Config;
  readonly database: Database;
  /** Absolute, the DATA_DIR of the configuration. */
  readonly directory: string;
  /** Opens the same database once more, with connections of its own, as another process would. */
  open(): Promise<Database>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Ground {
  readonly name: string;
  readonly kind: Database['kind'];
  /** @param more entities beside those of Toolyard; the test makes their tables. */
  readonly prepare: (...more: EntitySchema[]) => Promise<TestDatabase>;
}

/** For what does not depend on the database. */
export const prepareSqlite = (): Promise<TestDatabase> => prepare('sqlite', []);

/** What everything about rows must hold on: `describe.each(DATABASES)('… on $name', ({ prepare }) => …)`. */
export const DATABASES: readonly Ground[] = [
  { name: 'SQLite', kind: 'sqlite', prepare: (...more) => prepare('sqlite', more) },
  { name: 'PostgreSQL', kind: 'postgresql', prepare: (...more) => prepare('postgresql', more) },
];

async function prepare(kind: Database['kind'], more: readonly EntitySchema[]): Promise<TestDatabase> {
  await using stack = new AsyncDisposableStack();
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-database-')));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const scratch = kind === 'postgresql' ? stack.use(await scratchDatabase()) : undefined;
  const config = loadConfig({ DATA_DIR: directory, DATABASE_URL: scratch?.url });
  const open = async () => {
    const { database, close } = await openDatabase(config, more);
    stack.defer(close);
    return database;
  };
  const database = await open();

  const all = stack.move();
  const openAnother = async () => {
    const { database, close } = await openDatabase(config, more);
    all.defer(close);
    return database;
  };
  return { config, database, directory, open: openAnother, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Opens the database as every process does at its start. */
export async function openDatabase(
  config: Config,
  more: readonly EntitySchema[] = [],
): Promise<{ database: Database; close: () => Promise<void> }> {
  const imports = [
    ConfigModule.forRoot(config),
    DatabaseModule.forRoot(config),
    MikroOrmModule.forFeature([
      Task,
      File,
      User,
      Session,
      RefreshToken,
      OneTimeLink,
      ApiKey,
      AuditEvent,
      Share,
      Webhook,
      Delivery,
      ...more,
    ]),
  ];
  const context = await NestFactory.createApplicationContext(
    { module: class TestDatabaseModule {}, imports },
    { logger: false, abortOnError: false },
  );
  return { database: context.get(Database), close: () => context.close() };
}
