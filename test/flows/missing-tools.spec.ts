import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { createTask, finishedTask, listTasks, readTask, taskIn } from './client.js';
import { PLUGINS_DIR, startOn } from './grounds.js';

const TEST_MS = 90_000;
/** Longer than any test takes. */
const FOR_EVER = { delay_ms: 600_000 };

describe('a task whose tool was taken away', () => {
  it.concurrent.each(COMBINATIONS.filter(({ name }) => /SQLite and the|PostgreSQL and Bull/.test(name)))(
    'waits until the tool is back, holds up nobody, and says why, on $name',
    async (combination) => {
      await using stack = new AsyncDisposableStack();
      const plugins = await mkdtemp(join(tmpdir(), 'toolyard-plugins-'));
      stack.defer(() => rm(plugins, { recursive: true }));
      const [here, away] = [join(plugins, 'workshop'), join(plugins, '.away')];
      await cp(join(PLUGINS_DIR, 'workshop'), here, { recursive: true });
      const env = { PLUGINS_DIR: plugins, WORKER_CONCURRENCY: '1' };
      const { platform } = stack.use(await startOn(combination, { env }));
      const server = platform.process('all');
      const first = await createTask(platform, 'echo', { options: FOR_EVER });
      await taskIn(platform, first.task_id, ['processing']);
      const files = [{ name: 'a.txt', bytes: 'text' }];
      const waiting = await createTask(platform, 'copies', { files, options: { names: ['b.txt'] } });

      await server.kill();
      await rename(here, away);
      await server.start();
      await platform.post(`/api/v1/tasks/${first.task_id}/cancel`);
      const other = await finishedTask(platform, (await createTask(platform, 'echo')).task_id);
      const left = await readTask(platform, waiting.task_id);
      const listed = await listTasks(platform, '?status=pending');

      await server.stop();
      await rename(away, here);
      await server.start();
      const back = await finishedTask(platform, waiting.task_id);

      expect(waiting.status_reason).toBeNull();
      expect(other.status).toBe('completed');
      expect(left).toMatchObject({ status: 'pending', status_reason: 'no_worker', attempt: 0, error: null });
      expect(listed.data).toMatchObject([{ task_id: waiting.task_id, status_reason: 'no_worker' }]);
      expect(back).toMatchObject({ status: 'completed', status_reason: null, attempt: 1 });
    },
    TEST_MS,
  );
});
