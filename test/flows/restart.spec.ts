import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { isAlive } from '../servers/process-table.js';
import { onBusyMachine } from '../time.limits.js';
import { cancelTask, createTask, finishedTask, listTasks, readTask, type TaskDocument, taskIn } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { sandboxProcesses, storedFiles, toolProcesses, workspaceEntries } from './traces.js';

/** A lease runs out after 10 s, and a sweep comes every 5 s (DESIGN §7.5: elsewhere after 20 s at the latest). */
const RECOVERY_MS = 20_000;
const TEST_MS = 150_000;
/** Longer than any test takes: a task that waits so long ends only because it is ended. */
const FOR_EVER = { delay_ms: 600_000 };
const WORKERS = { WORKER_CONCURRENCY: '2' };

/** How often the log says that a task came to this end. */
const endings = (platform: Platform, id: string): string[] =>
  platform
    .logs()
    .split('\n')
    .filter((line) => line.includes(id))
    .map((line): { msg: string } => JSON.parse(line))
    .map(({ msg }) => msg)
    .filter((msg) => ['completed', 'failed', 'cancelled'].includes(msg));

const createMany = (platform: Platform, count: number, options: object): Promise<TaskDocument[]> =>
  Promise.all(Array.from({ length: count }, () => createTask(platform, 'echo', { options })));

const inSecondAttempt = (platform: Platform, id: string): Promise<TaskDocument> =>
  until(
    async () => {
      const task = await readTask(platform, id);
      return task.attempt === 2 && task.status === 'processing' ? task : undefined;
    },
    { timeoutMs: onBusyMachine(RECOVERY_MS), describe: 'another worker has the task' },
  );

/** These tests wait for clocks more than they work, so they run side by side. */
describe('nothing is lost', () => {
  it.concurrent.each(COMBINATIONS)(
    'when the server is killed on $name, and each task ends once',
    async (combination) => {
      await using ground: Grounded = await startOn(combination, { env: WORKERS });
      const { platform } = ground;
      const file = { name: 'text.txt', bytes: 'text\n' };
      const long = await createMany(platform, 2, { delay_ms: 6_000 });
      await Promise.all(long.map(({ task_id }) => taskIn(platform, task_id, ['processing'])));
      const short = await createMany(platform, 7, { message: 'short' });
      const withFile = await createTask(platform, 'copies', { files: [file], options: { names: ['a.txt', 'b.txt'] } });

      await platform.kill();
      await platform.process('all').start();
      const ids = [...long, ...short, withFile].map(({ task_id }) => task_id);
      const tasks = await Promise.all(ids.map((id) => finishedTask(platform, id, onBusyMachine(RECOVERY_MS) + 20_000)));

      expect(tasks.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      expect(tasks.map(({ attempt }) => attempt)).toEqual([2, 2, ...short.map(() => 1), 1]);
      expect(ids.map((id) => endings(platform, id))).toEqual(ids.map(() => ['completed']));
      expect((await listTasks(platform)).data).toHaveLength(ids.length);
      expect(await storedFiles(platform)).toHaveLength(3);
      expect(await workspaceEntries(platform)).toEqual([]);
    },
    TEST_MS,
  );

  it.concurrent(
    'and no tool goes on running, when a server starts again that was killed',
    async () => {
      const [combination] = COMBINATIONS;
      if (!combination) throw new Error('There is no combination.');
      await using ground: Grounded = await startOn(combination, {
        env: { WORKER_CONCURRENCY: '1', SANDBOX: 'permission' },
      });
      const { platform } = ground;
      const { task_id } = await createTask(platform, 'burn');
      await until(async () => (await readTask(platform, task_id)).progress.message === 'Burning', {
        describe: 'the tool burns',
      });
      const [orphan = 0] = toolProcesses(platform, 'workshop');

      await platform.kill();
      const survived = isAlive(orphan);
      await platform.process('all').start();

      await until(() => !isAlive(orphan), { describe: 'the tool of the killed server is gone' });
      expect(survived).toBe(true);
      await taskIn(platform, task_id, ['processing']);
      await expect(cancelTask(platform, task_id)).resolves.toMatchObject({ status: 'cancelled' });
    },
    TEST_MS,
  );

  it.concurrent.each(COMBINATIONS.filter(({ queue }) => queue === 'bull'))(
    'when a worker is killed on $name, because another one takes its tasks',
    async (combination) => {
      await using ground: Grounded = await startOn(combination, { roles: ['api', 'worker'], env: WORKERS });
      const { platform } = ground;
      const tasks = await createMany(platform, 2, FOR_EVER);
      const ids = tasks.map(({ task_id }) => task_id);
      await Promise.all(ids.map((id) => taskIn(platform, id, ['processing'])));

      await platform.start('worker');
      await platform.process('worker').kill();
      const killed = Date.now();
      const again = await Promise.all(ids.map((id) => inSecondAttempt(platform, id)));
      const cancelled = await Promise.all(ids.map((id) => cancelTask(platform, id)));

      for (const { started_at } of again)
        expect(Date.parse(String(started_at)) - killed).toBeLessThan(onBusyMachine(RECOVERY_MS));
      expect(cancelled.map(({ status, attempt }) => [status, attempt])).toEqual(ids.map(() => ['cancelled', 2]));
    },
    TEST_MS,
  );

  it.concurrent.each(COMBINATIONS.filter(({ queue }) => queue === 'bull'))(
    'and nothing done twice, when a worker wakes up on $name whose task another one has done meanwhile',
    async (combination) => {
      await using ground: Grounded = await startOn(combination, { roles: ['api', 'worker'], env: WORKERS });
      const { platform } = ground;
      const frozen = platform.process('worker');
      const files = [{ name: 'text.txt', bytes: 'text\n' }];
      const options = { names: ['a.txt', 'b.txt'], delay_ms: 2_000 };
      const { task_id } = await createTask(platform, 'copies', { files, options });
      await taskIn(platform, task_id, ['processing']);

      frozen.pause();
      const paused = Date.now();
      const other = await platform.start('worker');
      const again = await inSecondAttempt(platform, task_id);
      const done = await finishedTask(platform, task_id);
      const stored = await storedFiles(platform);
      frozen.resume();
      await until(() => /taken away/.test(frozen.logs()), { describe: 'the frozen worker has let go of it' });

      expect(Date.parse(String(again.started_at)) - paused).toBeLessThan(onBusyMachine(RECOVERY_MS));
      expect(done).toMatchObject({ status: 'completed', attempt: 2 });
      await expect(readTask(platform, task_id)).resolves.toEqual(done);
      await until(async () => (await storedFiles(platform)).length === stored.length, {
        describe: 'what the frozen worker had stored is gone',
      });
      expect((await storedFiles(platform)).toSorted()).toEqual(stored.toSorted());
      expect(endings(platform, task_id)).toEqual(['completed']);
      await other.stop();
      const { task_id: next } = await createTask(platform, 'echo');
      await expect(finishedTask(platform, next)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
    },
    TEST_MS,
  );

  it.concurrent.each(COMBINATIONS.filter(({ name }) => /SQLite and the|PostgreSQL and Bull/.test(name)))(
    'when the server is asked to stop on $name: it ends what it can and gives back the rest',
    async (combination) => {
      await using ground: Grounded = await startOn(combination, { env: WORKERS });
      const { platform } = ground;
      const [short, long] = [
        await createTask(platform, 'echo', { options: { delay_ms: 3_000 } }),
        await createTask(platform, 'echo', { options: FOR_EVER }),
      ];
      await Promise.all([short, long].map(({ task_id }) => taskIn(platform, task_id, ['processing'])));
      const waiting = await createTask(platform, 'echo');

      const stopping = platform.stop();
      await until(async () => (await platform.get('/ready')).status === 503, { describe: 'it says that it stops' });
      const health = await platform.get('/health');
      const late = await createTask(platform, 'echo');
      const code = await stopping;
      await until(() => sandboxProcesses(platform, 'diagnostics').length === 0, { describe: 'no tool runs' });

      await platform.process('all').start();
      const again = await taskIn(platform, long.task_id, ['processing']);
      await cancelTask(platform, long.task_id);

      expect(code).toBe(0);
      expect(health.status).toBe(200);
      expect(again.attempt).toBe(1);
      await expect(readTask(platform, short.task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
      for (const { task_id } of [waiting, late]) {
        await expect(finishedTask(platform, task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
      }
      expect(endings(platform, short.task_id)).toEqual(['completed']);
    },
    TEST_MS,
  );
});
