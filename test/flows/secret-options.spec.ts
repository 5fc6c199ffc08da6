import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { queryRows } from '../sqlite.js';
import { cancelTask, createTask, finishedTask, listTasks, taskIn } from './client.js';
import { PLUGINS_DIR } from './grounds.js';
import { problemOf } from './problem.js';

const PASSWORD = 'correct-horse-battery-staple';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ env: { PLUGINS_DIR, LOG_LEVEL: 'debug' } });
});
afterAll(() => platform[Symbol.asyncDispose]());

/** The files of the platform, database and all, that have the password in them. */
async function filesWithPassword(): Promise<string[]> {
  const entries = await readdir(platform.dataDir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const bytes = await Promise.all(paths.map((path) => readFile(path).catch(() => Buffer.of())));
  return paths.filter((_, index) => bytes[index]?.includes(PASSWORD));
}

const ask = (end: string) => createTask(platform, 'whisper', { options: { password: PASSWORD, end } });

async function plan(options: object): Promise<object> {
  const answer = await platform.postJson('/api/v1/tools/whisper/plan', { options });
  return JSON.parse(await answer.text()) as object;
}

const textOf = async (path: string): Promise<string> => (await platform.get(`/api/v1/${path}`)).text();

const secretsOf = (id: string) => queryRows(platform, 'select secrets from task where id = ?', id)[0]?.['secrets'];

describe('an option that is writeOnly', () => {
  it('reaches the tool, and is shown nowhere', async () => {
    const { task_id: id } = await ask('well');
    const task = await finishedTask(platform, id);

    expect(task).toMatchObject({ status: 'completed', options: { end: 'well' }, data: { length: PASSWORD.length } });
    expect(task.links.retry).toBeNull();
    const seen = await Promise.all(
      [`tasks/${id}`, `tasks/${id}/receipt`, `tasks/${id}/events`, `tasks/${id}/logs`, 'tasks/export'].map(textOf),
    );
    expect(seen[3]).toContain('The password is ***.');
    expect(JSON.stringify([seen, await listTasks(platform)])).not.toContain(PASSWORD);
  });

  it('is kept sealed while the task runs, and not at all when it has ended', async () => {
    const { task_id: id } = await ask('wait');
    await taskIn(platform, id, ['processing']);

    expect(secretsOf(id)).toMatch(/^v1\./);
    expect(await filesWithPassword()).toEqual([]);
    await cancelTask(platform, id);
    expect(secretsOf(id)).toBe('');
  });

  it('is there for each attempt, and in no log when the tool crashes over it', async () => {
    const task = await finishedTask(platform, (await ask('crash')).task_id);

    expect(task).toMatchObject({ status: 'failed', attempt: 3, error: { code: 'tool_crashed' } });
    expect(secretsOf(task.task_id)).toBe('');
    expect(platform.logs()).toContain('It broke over ***.');
    expect(platform.logs()).not.toContain(PASSWORD);
    expect(await filesWithPassword()).toEqual([]);
  });

  it('makes a task that cannot be repeated, nor be known already', async () => {
    const first = await finishedTask(platform, (await ask('well')).task_id);
    const second = await finishedTask(platform, (await ask('well')).task_id);
    const retry = await platform.post(`/api/v1/tasks/${first.task_id}/retry`);

    expect(second.cache_hit).toBe(false);
    expect((await problemOf(retry)).error).toMatchObject({ code: 'task_not_repeatable' });
  });

  it('is checked, and not shown, by a plan', async () => {
    expect(await plan({ password: PASSWORD })).toMatchObject({ accepted: true, options: { end: 'well' } });
    expect(JSON.stringify(await plan({ password: PASSWORD }))).not.toContain(PASSWORD);
    expect(await plan({})).toMatchObject({ accepted: false });
  });
});
