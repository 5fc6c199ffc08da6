import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type EntitySchema, MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { Config } from '../config/config.js';
import { DatabaseClock } from './database.clock.js';
import { inTime } from './answer.js';
import { type DatabaseKind, databaseKind } from './database.options.js';
import { answerInTime } from './postgresql.pool.js';
import { PostgresqlStatements } from './postgresql.statements.js';
import { allOrNothing } from './postgresql.transaction.js';
import { Rows, type Statement } from './rows.js';
import { SqliteLock } from './sqlite.lock.js';
import { SqliteStatements } from './sqlite.statements.js';
import { TransactionGate } from './transaction.gate.js';

/** Any number, the same in every process: who holds this lock is migrating. */
const MIGRATION_LOCK = 7_001_966;

const MEASURE_CLOCK_MS = 10_000;

type Row = Readonly<Record<string, unknown>>;

/** The connection. It knows no entity: whoever owns rows asks for an entity manager, or for its rows. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly kind: DatabaseKind;
  private readonly gate = new TransactionGate();
  private readonly lock = new SqliteLock();
  private readonly clock = new DatabaseClock();
  private measuring: NodeJS.Timeout | undefined;
  private sqlite: SqliteStatements | undefined;
  private postgresql: PostgresqlStatements | undefined;

  constructor(
    private readonly orm: MikroORM,
    config: Config,
  ) {
    this.kind = databaseKind(config);
    orm.em.getEventManager().registerSubscriber(this.gate);
  }

  async onModuleInit(): Promise<void> {
    await this.orm.connect();
    if (this.kind === 'sqlite') this.sqlite = await SqliteStatements.open(this.orm.em.getConnection());
    await this.migrate();
    this.sqlite?.beImpatient();
    if (this.kind === 'postgresql') {
      await answerInTime(this.orm.em.getConnection());
      this.postgresql = await PostgresqlStatements.open(this.orm.em.getConnection());
    }
    await this.measureClock();
    this.measuring = setInterval(() => void this.measureClock().catch(() => {}), MEASURE_CLOCK_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.measuring);
  }

  /** The time on the clock that all processes share. An SQLite file is on this machine, so it is the machine's. */
  now(): Date {
    return this.clock.now();
  }

  /**
   * One statement by way of an entity manager of its own. This one, `look`, `query` and `change` are answered within 1.5 s,
   * or reject with an error that counts as `unavailable`; what was rejected may still be carried out when a database that
   * stood still goes on.
   */
  work<T>(statement: (em: SqlEntityManager) => Promise<T>): Promise<T> {
    return this.whenFree(() => statement(this.entities()));
  }

  /** Like `work`, for a statement that only reads: it does not wait for those who want to write. */
  look<T>(statement: (em: SqlEntityManager) => Promise<T>): Promise<T> {
    return this.whenFree(() => statement(this.entities()), true);
  }

  /** An entity manager of one's own, for one piece of work. */
  entities(): SqlEntityManager {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both drivers are SQL drivers
    return this.orm.em.fork() as SqlEntityManager;
  }

  /** Single statements on the rows of one entity. */
  rows<Entity extends object>(schema: EntitySchema<Entity>): Rows<Entity> {
    return new Rows(this, this.orm.getMetadata().get<Entity>(schema.meta.class));
  }

  /** One statement with `?` for its values; answers the rows as the driver gives them. */
  async query(statement: string, values: readonly unknown[]): Promise<Row[]> {
    return this.whenFree(() => this.statements().all(statement, values), this.sqlite?.onlyReads(statement));
  }

  /** One statement with `?` for its values; answers how many rows it changed. */
  async change(statement: string, values: readonly unknown[]): Promise<number> {
    return this.whenFree(() => this.statements().run(statement, values));
  }

  /** Like `query`, but whoever does so with the same lock waits until this statement is done, in every process. */
  async queryAlone(lock: number, statement: string, values: readonly unknown[]): Promise<Row[]> {
    // SQLite has one writer at a time anyway.
    if (this.sqlite) return this.query(statement, values);
    return this.work((entities) =>
      entities.transactional(async (em) => {
        const [connection, transaction] = [em.getConnection(), em.getTransactionContext()];
        await connection.execute('select pg_advisory_xact_lock(?)', [lock], 'all', transaction);
        return connection.execute<Row[]>(statement, [...values], 'all', transaction);
      }),
    );
  }

  /**
   * Carries out all of the statements or none of them, in their order and in one transaction. Each must change
   * something: when one does not, nothing has happened, and the answer is false.
   */
  together(statements: readonly Statement[]): Promise<boolean> {
    const { sqlite } = this;
    if (sqlite) return this.whenFree(() => sqlite.together(statements));
    return inTime(allOrNothing(this.entities(), statements));
  }

  /** Rejects when the database does not answer, or cannot be written. */
  async ping(): Promise<void> {
    const { sqlite } = this;
    if (sqlite) await this.whenFree(() => sqlite.tryToWrite());
    else await this.query('select 1', []);
  }

  private statements(): SqliteStatements | PostgresqlStatements {
    const statements = this.sqlite ?? this.postgresql;
    if (!statements) throw new Error('A statement came before the database was open.');
    return statements;
  }

  private async whenFree<T>(statement: () => T | Promise<T>, onlyReads?: boolean): Promise<T> {
    if (!this.sqlite) return inTime(Promise.resolve(statement()));
    await this.gate.pass();
    return this.lock.whenFree(statement, onlyReads);
  }

  private async measureClock(): Promise<void> {
    if (this.kind === 'sqlite') return;
    await this.clock.measure(async () => {
      const [row] = await this.query('select extract(epoch from clock_timestamp()) * 1000 as now', []);
      return Number(row?.['now']);
    });
  }

  /** Brings the schema up to date; several processes may start at once, one of them does the work. */
  private async migrate(): Promise<void> {
    if (this.sqlite) {
      await this.sqlite.exclusively(() => this.orm.migrator.up());
      return;
    }
    await this.orm.em.transactional(async (em) => {
      const lock = `select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await em.getConnection().execute(lock, [], 'all', em.getTransactionContext());
      await this.orm.migrator.up();
    });
  }
}
