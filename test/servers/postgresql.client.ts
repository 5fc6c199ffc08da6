import { createRequire } from 'node:module';

export type Row = Record<string, unknown>;

interface Client {
  connect(): Promise<void>;
  query(sql: string): Promise<{ rows: Row[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): this;
}

/** The driver is a dependency of MikroORM's and not of ours, so it is taken from there; it brings no types. */
function driver(): { Client: new (options: { connectionString: string; connectionTimeoutMillis: number }) => Client } {
  const fromHere = createRequire(import.meta.url);
  return createRequire(fromHere.resolve('@mikro-orm/postgresql'))('pg');
}

/** Runs one statement over a connection of its own. */
export async function queryPostgresql(url: string, sql: string): Promise<Row[]> {
  const client = new (driver().Client)({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that the server ends is reported twice: by the statement, which throws, and as an event.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
