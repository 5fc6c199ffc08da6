import type { Connection } from '@mikro-orm/core';
import type { SqliteConnection } from '@mikro-orm/sqlite';
import type { Statement as Sql } from './rows.js';
import { BUSY_MS } from './sqlite.lock.js';

/**
 * WAL: readers and the writer do not wait for each other, and a killed process loses nothing.
 * `synchronous = NORMAL` can lose the last moments only when the machine itself loses power.
 */
const PRAGMAS = ['journal_mode = wal', 'synchronous = normal', 'foreign_keys = on'];

/** At the start a process waits inside SQLite for others that start: it has nothing else to do. */
const START_MS = 10_000;

/** There are a few dozen statements in the house; more would mean that somebody writes values into them. */
const MOST_STATEMENTS = 500;

type Native = Awaited<ReturnType<SqliteConnection['getNativeClient']>>;
type Statement = ReturnType<Native['prepare']>;
type Row = Record<string, unknown>;

/** Prepared statements of the one SQLite connection: preparing costs more than most of them do. */
export class SqliteStatements {
  private readonly statements = new Map<string, Statement>();

  private constructor(private readonly native: Native) {}

  static async open(connection: Connection): Promise<SqliteStatements> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only called when the driver is SQLite
    const native = await (connection as SqliteConnection).getNativeClient();
    for (const pragma of [`busy_timeout = ${START_MS}`, ...PRAGMAS]) native.pragma(pragma);
    return new SqliteStatements(native);
  }

  all(text: string, values: readonly unknown[]): Row[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is what a row is
    return this.prepared(text).all(values.map(bindable)) as Row[];
  }

  /** Answers how many rows were changed. */
  run(text: string, values: readonly unknown[]): number {
    return this.prepared(text).run(values.map(bindable)).changes;
  }

  /** Whether the statement changes nothing. */
  onlyReads(text: string): boolean {
    return this.prepared(text).readonly;
  }

  /** Throws when nothing can be written now. */
  tryToWrite(): void {
    this.native.exec('begin immediate');
    this.native.exec('rollback');
  }

  /** From now on no statement keeps the process waiting for long. */
  beImpatient(): void {
    this.native.pragma(`busy_timeout = ${BUSY_MS}`);
  }

  /** One transaction in which nothing waits, so that no other statement can come between. */
  together(statements: readonly Sql[]): boolean {
    this.native.exec('begin immediate');
    try {
      const done = statements.every(({ text, values }) => this.run(text, values) > 0);
      this.native.exec(done ? 'commit' : 'rollback');
      return done;
    } catch (error) {
      if (this.native.inTransaction) this.native.exec('rollback');
      throw error;
    }
  }

  /** One transaction around the work, which other processes that start wait for. */
  async exclusively(work: () => Promise<unknown>): Promise<void> {
    this.native.exec('begin immediate');
    try {
      await work();
      this.native.exec('commit');
    } catch (error) {
      this.native.exec('rollback');
      throw error;
    }
  }

  private prepared(text: string): Statement {
    const known = this.statements.get(text);
    if (known) return known;
    if (this.statements.size >= MOST_STATEMENTS) this.statements.clear();
    const statement = this.native.prepare(text);
    this.statements.set(text, statement);
    return statement;
  }
}

/** MikroORM keeps dates in SQLite as milliseconds since 1970. */
function bindable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'boolean' ? Number(value) : value;
}
