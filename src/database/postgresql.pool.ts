import type { Connection } from '@mikro-orm/core';
import type { PostgreSqlConnection } from '@mikro-orm/postgresql';
import { ANSWER_MS } from './answer.js';

/**
 * How the pool begins: a migration may take as long as it needs, on connections that nobody uses afterwards.
 * `statement_timeout` ends in the server what nobody waits for any more.
 */
export const PATIENT_POOL = { connectionTimeoutMillis: ANSWER_MS, statement_timeout: 10_000, maxUses: 1 };

/**
 * From now on each statement is answered in time or rejects. One that was rejected may still be carried out, when a
 * frozen server goes on.
 */
export async function answerInTime(connection: Connection): Promise<void> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only called when the driver is PostgreSQL
  const pool = await (connection as PostgreSqlConnection).getNativeClient();
  Object.assign(pool.options, { query_timeout: ANSWER_MS, maxUses: Infinity });
}
