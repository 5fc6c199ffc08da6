import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import type { Database } from '../../src/database/database.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { openDatabase } from '../database/databases.js';
import { startPlatform } from '../platform.js';
import { pendingTask } from '../tasks/task.rows.js';
import { onBusyMachine } from '../time.limits.js';
import { createTask, finishedTask } from './client.js';

const QUEUED = 10_000;
/** So long B may wait while A has 10 000 tasks. With age alone it would be four minutes. */
const WAIT_MS = 5_000;
const TEST_MS = 120_000;
const RUN = { tool: 'echo', priority: 5, options: { message: '', delay_ms: 50, fail: 'none' } };

/** By rows: ten thousand requests would take longer than the test. */
const queueFor = async (owner: string, database: Database): Promise<void> => {
  const store = new TaskStore(database);
  for (let index = 0; index < QUEUED; index++) await store.insert(pendingTask({ ...RUN, owner }));
};

const completed = async (owner: string, database: Database): Promise<number> => {
  const where = `where owner = ? and status = 'completed'`;
  const [row] = await database.query(`select count(*) as number from task ${where}`, [owner]);
  return Number(row?.['number']);
};

describe('ten thousand tasks of one owner', () => {
  it.each(COMBINATIONS.filter(({ name }) => /SQLite and the|PostgreSQL and Bull/.test(name)))(
    'do not hold up two of another, on $name',
    async ({ prepare }) => {
      await using stack = new AsyncDisposableStack();
      const directory = await mkdtemp(join(tmpdir(), 'toolyard-fairness-'));
      stack.defer(() => rm(directory, { recursive: true }));
      const { env } = stack.use(await prepare());
      const { href } = pathToFileURL(join(directory, 'toolyard.sqlite'));
      const DATABASE_URL = env['DATABASE_URL'] ?? href;
      const { database, close } = await openDatabase(loadConfig({ DATA_DIR: directory, DATABASE_URL }));
      stack.defer(close);
      await queueFor('ann', database);
      const platform = stack.use(await startPlatform({ env: { ...env, DATABASE_URL, WORKER_CONCURRENCY: '2' } }));
      await until(async () => (await completed('ann', database)) >= 10, {
        timeoutMs: 20_000,
        describe: 'the tasks of the first owner run',
      });

      const created = [await createTask(platform, 'echo', RUN), await createTask(platform, 'echo', RUN)];
      const mine = await Promise.all(
        created.map(({ task_id }) => finishedTask(platform, task_id, 2 * onBusyMachine(WAIT_MS))),
      );

      for (const { status, created_at, started_at } of mine) {
        expect(status).toBe('completed');
        expect(Date.parse(String(started_at)) - Date.parse(created_at)).toBeLessThan(onBusyMachine(WAIT_MS));
      }
      await expect(completed('ann', database)).resolves.toBeLessThan(QUEUED / 10);
    },
    TEST_MS,
  );
});
