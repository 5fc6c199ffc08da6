import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import { createTask, finishedTask, type TaskDocument } from './client.js';
import { storedFiles, workspaceEntries } from './traces.js';

const HOSTILE = join(import.meta.dirname, '../sandbox/plugins');

describe('a task whose tool does what it must not', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform({ env: { PLUGINS_DIR: HOSTILE, WORKER_CONCURRENCY: '1' } });
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  const taskOf = async (tool: string, options: object): Promise<TaskDocument> => {
    const { task_id } = await createTask(platform, tool, { options });
    return finishedTask(platform, task_id, 40_000);
  };
  const deed = (name: string, target = '') => taskOf('hostile', { deed: name, target });

  it.each([
    ['bufferBomb', 'tool_out_of_memory'],
    ['heapBomb', 'tool_out_of_memory'],
    ['burnProcessor', 'tool_cpu_exceeded'],
    ['fillWorkspace', 'workspace_full'],
    ['fillFile', 'workspace_full'],
    ['sparse', 'workspace_full'],
    ['floodStdout', 'output_too_large'],
  ])('fails at once, and says how it was stopped: %s, %s', async (name, code) => {
    const task = await deed(name);

    expect(task).toMatchObject({
      status: 'failed',
      attempt: 1,
      outputs: [],
      error: { type: 'tool_error', code, retryable: false, stopped: { after_ms: expect.any(Number) } },
    });
    expect(task.error?.stopped?.after_ms).toBeLessThan(onBusyMachine(2_000));
  });

  it.each([
    ['outside', 'output_invalid'],
    ['device', 'output_invalid'],
    ['directory', 'output_invalid'],
    ['empty', 'output_invalid'],
    ['thousands', 'output_too_large'],
  ])('fails when it answers with outputs that are none: %s, %s', async (name, code) => {
    await expect(deed(name)).resolves.toMatchObject({ status: 'failed', attempt: 1, outputs: [], error: { code } });
  });

  it('cannot choose a name that leads elsewhere', async () => {
    await expect(deed('climbingName')).resolves.toMatchObject({ status: 'completed', outputs: [{ name: 'x' }] });
  });

  it('is tried once more, with the memory that the tool declares for it', async () => {
    await expect(taskOf('hungry', { mb: 300 })).resolves.toMatchObject({ status: 'completed', attempt: 1, data: 300 });
    await expect(taskOf('hungry', { mb: 900 })).resolves.toMatchObject({
      status: 'failed',
      attempt: 1,
      error: { code: 'tool_out_of_memory' },
    });
  });

  it('does no harm to others, and leaves nothing', async () => {
    await expect(taskOf('echo', {})).resolves.toMatchObject({ status: 'completed' });

    await expect(workspaceEntries(platform)).resolves.toEqual([]);
    await expect(storedFiles(platform)).resolves.toHaveLength(1);
  });
});
