import type { Connection } from '@mikro-orm/core';
import type { PostgreSqlConnection } from '@mikro-orm/postgresql';

/** There are a few dozen statements in the house, some of them in several lengths. What comes after that is not kept. */
const MOST_STATEMENTS = 500;

type Native = Awaited<ReturnType<PostgreSqlConnection['getNativeClient']>>;
type Row = Record<string, unknown>;

interface Prepared {
  readonly text: string;
  /** What the server finds its plan by. */
  readonly name?: string;
}

/**
 * Statements that each connection prepares once: parsing and planning cost more than most of them do. A statement names
 * its columns, because one that answers `*` fails from the moment that a newer process adds a column.
 */
export class PostgresqlStatements {
  private readonly known = new Map<string, Prepared>();

  private constructor(private readonly pool: Native) {}

  static async open(connection: Connection): Promise<PostgresqlStatements> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only called when the driver is PostgreSQL
    return new PostgresqlStatements(await (connection as PostgreSqlConnection).getNativeClient());
  }

  async all(statement: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.pool.query<Row>({ ...this.prepared(statement), values: [...values] })).rows;
  }

  /** Answers how many rows were changed. */
  async run(statement: string, values: readonly unknown[]): Promise<number> {
    return (await this.pool.query({ ...this.prepared(statement), values: [...values] })).rowCount ?? 0;
  }

  /** With `$1`, `$2` … for each `?`. */
  private prepared(statement: string): Prepared {
    const known = this.known.get(statement);
    if (known) return known;
    let values = 0;
    const text = statement.replaceAll('?', () => `$${++values}`);
    if (this.known.size >= MOST_STATEMENTS) return { text };
    const prepared = { text, name: `toolyard_${this.known.size}` };
    this.known.set(statement, prepared);
    return prepared;
  }
}
