import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Platform } from './platform.js';

type Row = Readonly<Record<string, SQLInputValue>>;

/** Asks the database of a platform on SQLite, behind its back. */
export function queryRows(platform: Platform, statement: string, ...values: SQLInputValue[]): Row[] {
  using database = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { readOnly: true });
  return database.prepare(statement).all(...values);
}

/** Changes the database of a platform on SQLite, behind its back: to let time pass, for example. */
export function changeRows(platform: Platform, statement: string, ...values: SQLInputValue[]): void {
  using database = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { timeout: 5_000 });
  database.prepare(statement).run(...values);
}
