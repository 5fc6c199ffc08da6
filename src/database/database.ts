import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { Config } from '../config/config.js';
import { type DatabaseKind, databaseKind } from './database.options.js';

/** Any number, the same in every process: who holds this lock is migrating. */
const MIGRATION_LOCK = 7_001_966;

/**
 * WAL: readers and the writer do not wait for each other, and a killed process loses nothing.
 * `synchronous = NORMAL` can lose the last moments only when the machine itself loses power.
 */
const SQLITE_PRAGMAS = [
  'pragma journal_mode = wal',
  'pragma synchronous = normal',
  'pragma busy_timeout = 2000',
  'pragma foreign_keys = on',
];

/** The connection. It knows no entity: whoever owns rows asks for an entity manager. */
@Injectable()
export class Database implements OnModuleInit {
  readonly kind: DatabaseKind;

  constructor(
    private readonly orm: MikroORM,
    config: Config,
  ) {
    this.kind = databaseKind(config);
  }

  async onModuleInit(): Promise<void> {
    if (this.kind === 'sqlite') await this.run(SQLITE_PRAGMAS);
    await this.migrate();
  }

  /** An entity manager of one's own, for one piece of work. */
  entities(): SqlEntityManager {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both drivers are SQL drivers
    return this.orm.em.fork() as SqlEntityManager;
  }

  /** One statement with `?` for its values; answers the rows as they are. */
  async query<Row extends object = object>(statement: string, values: readonly unknown[]): Promise<Row[]> {
    const stored = this.kind === 'sqlite' ? values.map(asStoredBySqlite) : [...values];
    return this.orm.em.getConnection().execute<Row[]>(statement, stored);
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.orm.em.getConnection().execute('select 1');
  }

  /** Brings the schema up to date; several processes may start at once, one of them does the work. */
  private async migrate(): Promise<void> {
    if (this.kind === 'sqlite') {
      await this.orm.migrator.up();
      return;
    }
    await this.orm.em.transactional(async (em) => {
      await em
        .getConnection()
        .execute(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, [], 'all', em.getTransactionContext());
      await this.orm.migrator.up();
    });
  }

  private async run(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.orm.em.getConnection().execute(statement);
  }
}

/** MikroORM keeps dates in SQLite as milliseconds since 1970. */
function asStoredBySqlite(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}
