import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { createTask, finishedTask, readTask } from './client.js';
import { startOn } from './grounds.js';

/** A lease runs out after 10 s, and a sweep comes every 5 s. */
const RECOVERY_MS = 20_000;
/** After the second death a task waits for another 10 to 30 s. */
const SECOND_RECOVERY_MS = 50_000;
const TEST_MS = 180_000;
/** Longer than any test takes. */
const FOR_EVER = { delay_ms: 600_000 };

const GROUNDS = [
  { name: 'SQLite and the embedded queue', roles: ['all'] as const, killed: 'all' as const },
  { name: 'PostgreSQL and Bull', roles: ['api', 'worker'] as const, killed: 'worker' as const },
];

describe('a task that kills its worker', () => {
  it.concurrent.each(GROUNDS)(
    'is set aside after the third one, on $name, and others go on',
    async ({ name, roles, killed }) => {
      const combination = COMBINATIONS.find((candidate) => candidate.name === name);
      if (!combination) throw new Error(`There is no combination ${name}.`);
      await using ground = await startOn(combination, { roles, env: { WORKER_CONCURRENCY: '1' } });
      const { platform } = ground;
      const worker = platform.process(killed);
      const { task_id } = await createTask(platform, 'echo', { options: FOR_EVER });

      for (const attempt of [1, 2, 3]) {
        await until(
          async () => {
            const task = await readTask(platform, task_id);
            return task.status === 'processing' && task.attempt === attempt;
          },
          { timeoutMs: attempt > 2 ? SECOND_RECOVERY_MS : RECOVERY_MS, describe: `a worker is in attempt ${attempt}` },
        );
        await worker.kill('SIGKILL');
        await worker.start();
      }
      const poisonous = await finishedTask(platform, task_id, RECOVERY_MS);
      const other = await createTask(platform, 'echo');

      expect(poisonous).toMatchObject({
        status: 'failed',
        attempt: 3,
        error: { type: 'tool_error', code: 'task_poisonous', retryable: false },
      });
      await expect(finishedTask(platform, other.task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
    },
    TEST_MS,
  );
});
