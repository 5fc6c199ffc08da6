import type { Row } from './row.ts';
import { API_ROWS } from './rows/api.ts';
import { DATABASE_ROWS } from './rows/database.ts';
import { HOSTILE_ROWS } from './rows/hostile.ts';
import { REQUEST_ROWS } from './rows/payload.ts';
import { REDIS_ROWS } from './rows/redis.ts';
import { RESULT_ROWS } from './rows/results.ts';
import { SHUTDOWN_ROWS } from './rows/shutdown.ts';
import { UPLOAD_ROWS } from './rows/uploads.ts';
import { WORKER_ROWS } from './rows/workers.ts';

/** Every row. */
export const ROWS: readonly Row[] = [
  ...WORKER_ROWS,
  ...API_ROWS,
  ...RESULT_ROWS,
  ...REDIS_ROWS,
  ...DATABASE_ROWS,
  ...SHUTDOWN_ROWS,
  ...REQUEST_ROWS,
  ...UPLOAD_ROWS,
  ...HOSTILE_ROWS,
].toSorted((a, b) => order(a) - order(b));

/** Infrastructure first, then plugins; within each by number. */
function order({ id }: Row): number {
  return (id.startsWith('P') ? 1_000 : 0) + Number(id.slice(1));
}
