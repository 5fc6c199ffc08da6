import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import { cancelTask, createTask, finishedTask, readTask, type TaskDocument, taskIn, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';
import { sandboxProcesses, toolProcesses, workspaceEntries } from './traces.js';

/** Longer than any test takes: a task that waits so long ends only because it is ended. */
const FOR_EVER = { delay_ms: 600_000 };
/** DESIGN §7.3: the work itself is gone so long after the deadline. */
const GONE_MS = 2_000;
/** What the tool `spin` is allowed: long enough to be seen on a busy machine. */
const SPIN_MS = 2_000;

describe.each(COMBINATIONS)('a task that does not end well on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;
  /** Begins before the others, because it takes seconds in which nothing runs. */
  let crashing: TaskDocument;

  beforeAll(async () => {
    ground = await startOn(combination, { env: { WORKER_CONCURRENCY: '1' } });
    platform = ground.platform;
    const { task_id } = await createTask(platform, 'echo', { options: { fail: 'crash' } });
    crashing = await taskAs(
      task_id,
      'waits for its second attempt',
      (task) => task.attempt === 1 && task.status === 'pending',
    );
  });

  afterAll(() => ground[Symbol.asyncDispose]());

  const taskAs = (id: string, state: string, holds: (task: TaskDocument) => boolean): Promise<TaskDocument> =>
    until(
      async () => {
        const task = await readTask(platform, id);
        return holds(task) ? task : undefined;
      },
      { describe: `the task ${state}` },
    );

  const running = async (options: object): Promise<TaskDocument> => {
    const { task_id } = await createTask(platform, 'echo', { options });
    return taskIn(platform, task_id, ['processing']);
  };

  const echoIsGone = () =>
    until(() => sandboxProcesses(platform, 'diagnostics').length === 0, {
      timeoutMs: onBusyMachine(GONE_MS),
      describe: 'the process of the tool is gone',
    });

  it('is cancelled while it runs, and its process is gone', async () => {
    const { task_id } = await running(FOR_EVER);
    await taskAs(task_id, 'tells of its progress', ({ progress }) => progress.message === 'Waiting');
    const before = toolProcesses(platform, 'diagnostics');

    const cancelled = await cancelTask(platform, task_id);
    await echoIsGone();

    expect(before).toHaveLength(1);
    expect(cancelled).toMatchObject({ status: 'cancelled', attempt: 1, result_url: null, links: { cancel: null } });
    expect(cancelled.finished_at).not.toBeNull();
    await expect(readTask(platform, task_id)).resolves.toEqual(cancelled);
  });

  it('is cancelled while it waits, and never starts', async () => {
    const first = await running(FOR_EVER);
    const waiting = await createTask(platform, 'echo');
    const behind = await createTask(platform, 'echo');
    const [mine, theirs] = [await readTask(platform, waiting.task_id), await readTask(platform, behind.task_id)];

    const cancelled = await cancelTask(platform, waiting.task_id);
    await cancelTask(platform, first.task_id);
    await finishedTask(platform, behind.task_id);

    expect(theirs.queue?.position).toBe(Number(mine.queue?.position) + 1);
    expect(cancelled).toMatchObject({ status: 'cancelled', attempt: 0, started_at: null });
    await expect(readTask(platform, waiting.task_id)).resolves.toEqual(cancelled);
  });

  it('stays cancelled when it is cancelled again, and has no result', async () => {
    const { task_id } = await running(FOR_EVER);
    const cancelled = await cancelTask(platform, task_id);

    await expect(cancelTask(platform, task_id)).resolves.toEqual(cancelled);

    await expect(problemOf(await platform.get(`/api/v1/tasks/${task_id}/result`))).resolves.toMatchObject({
      status: 409,
      error: { code: 'task_has_no_result', retryable: false },
    });
  });

  it('has no result, and cannot be removed, while it runs', async () => {
    const { task_id } = await running(FOR_EVER);

    const result = await platform.get(`/api/v1/tasks/${task_id}/result`);
    const removal = await platform.get(`/api/v1/tasks/${task_id}`, { method: 'DELETE' });
    await cancelTask(platform, task_id);

    expect(result.headers.get('retry-after')).not.toBeNull();
    await expect(problemOf(result)).resolves.toMatchObject({ error: { code: 'task_not_finished', retryable: true } });
    await expect(problemOf(removal)).resolves.toMatchObject({ error: { code: 'task_not_finished' } });
  });

  it('cannot be cancelled when it has ended already', async () => {
    const { task_id } = await createTask(platform, 'echo');
    const completed = await finishedTask(platform, task_id);

    const answer = await platform.post(`/api/v1/tasks/${task_id}/cancel`);

    await expect(problemOf(answer)).resolves.toMatchObject({
      status: 409,
      error: { code: 'task_already_finished', message: 'The task is already completed.' },
    });
    await expect(readTask(platform, task_id)).resolves.toEqual(completed);
  });

  it('fails at once with the words of the tool, when the tool says that the input is at fault', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { fail: 'error' } });

    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: {
        type: 'tool_error',
        code: 'asked_to_fail',
        message: 'The task was asked to fail.',
        retryable: false,
      },
    });
  });

  it('is tried three times when the tool crashes, and does not tell the user why', async () => {
    const task = await finishedTask(platform, crashing.task_id);

    expect(crashing).toMatchObject({ status_reason: 'retry_at', finished_at: null, error: null });
    expect(task).toMatchObject({ status: 'failed', attempt: 3, max_attempts: 3, error: { code: 'tool_crashed' } });
    expect(JSON.stringify(task)).not.toContain('asked to crash');
    expect(platform.logs()).toContain('The task was asked to crash.');
  });

  it('fails when the tool takes too long, and its process is gone', async () => {
    const { task_id } = await createTask(platform, 'spin');
    await taskIn(platform, task_id, ['processing']);
    await until(() => toolProcesses(platform, 'workshop').length === 1, { describe: 'the tool spins' });

    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({ status: 'failed', attempt: 1, error: { type: 'tool_error', code: 'tool_timeout' } });
    expect(task.error?.message).toMatch(/ended by SIG(TERM|KILL) after \d+ ms/);
    expect(task.error?.stopped).toEqual({
      signal: expect.stringMatching(/^SIG(TERM|KILL)$/),
      after_ms: expect.any(Number),
    });
    expect(sandboxProcesses(platform, 'workshop')).toEqual([]);
    expect(Date.parse(String(task.finished_at)) - Date.parse(String(task.started_at))).toBeLessThan(
      SPIN_MS + onBusyMachine(GONE_MS),
    );
  });

  it('fails when its file was removed before it could start', async () => {
    const first = await running(FOR_EVER);
    const file = await upload(platform, 'text.txt', 'text\n');
    const { task_id } = await createTask(platform, 'file-hash', { inputs: [file.file_id] });

    await platform.get(`/api/v1/files/${file.file_id}`, { method: 'DELETE' });
    await cancelTask(platform, first.task_id);
    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({ status: 'failed', attempt: 1, error: { type: 'tool_error', code: 'input_gone' } });
    expect(task.inputs).toMatchObject([{ file_id: file.file_id, name: 'text.txt' }]);
  });

  it('leaves nothing in the workspaces', async () => {
    await expect(workspaceEntries(platform)).resolves.toEqual([]);
  });
});
