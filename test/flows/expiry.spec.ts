import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import {
  createTask,
  type FileDocument,
  finishedTask,
  listFiles,
  postTask,
  type TaskDocument,
  upload,
} from './client.js';
import { problemOf } from './problem.js';
import { rowCount, storedFiles } from './traces.js';
import { PLUGINS_DIR } from './grounds.js';

const TTL_MS = 1_500;
/** DESIGN §7.10: no file outlives its expiry by more than a sweep, which comes every five seconds. */
const SWEEP_MS = 6_000;

describe('a file and a result whose time is over', () => {
  let platform: Platform;
  let file: FileDocument;
  let task: TaskDocument;

  beforeAll(async () => {
    const env = { FILE_TTL_HOURS: String(TTL_MS / 3_600_000), PLUGINS_DIR };
    platform = await startPlatform({ env });
    file = await upload(platform, 'old.txt', 'old\n');
    const { task_id } = await createTask(platform, 'copies', {
      files: [{ name: 'input.txt', bytes: 'input\n' }],
      options: { names: ['output.txt'] },
    });
    task = await finishedTask(platform, task_id);
    await until(async () => (await platform.get(`/api/v1/files/${file.file_id}`)).status === 410, {
      describe: 'the file has expired',
    });
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  it('had its time', () => {
    expect(Date.parse(file.expires_at) - Date.parse(file.created_at)).toBeGreaterThanOrEqual(TTL_MS - 1);
    expect(Date.parse(String(task.expires_at)) - Date.parse(String(task.finished_at))).toBeGreaterThanOrEqual(
      TTL_MS - 1,
    );
  });

  it.each(['', '/content'])('is gone for everybody who asks for it%s', async (suffix) => {
    const problem = await problemOf(await platform.get(`/api/v1/files/${file.file_id}${suffix}`));

    expect(problem).toMatchObject({ status: 410, error: { type: 'gone', code: 'file_expired', retryable: false } });
  });

  it('is no input of a task any more', async () => {
    const problem = await problemOf(await postTask(platform, 'file-hash', { inputs: [file.file_id] }));

    expect(problem).toMatchObject({ status: 410, error: { code: 'file_expired' } });
  });

  it('is gone as a result, while the task can still be read', async () => {
    const answer = await until(
      async () => {
        const response = await platform.get(`/api/v1/tasks/${task.task_id}/result`);
        return response.status === 410 ? response : undefined;
      },
      { describe: 'the result has expired' },
    );

    expect(await problemOf(answer)).toMatchObject({ error: { type: 'gone', code: 'result_expired' } });
    expect((await platform.get(`/api/v1/tasks/${task.task_id}`)).status).toBe(200);
  });

  it('is removed from the disk at the next sweep, and a record stays', async () => {
    const removed = (id: string) => async () => !(await storedFiles(platform)).some((path) => path.endsWith(id));

    for (const id of [file.file_id, ...task.outputs.map(({ file_id }) => file_id)]) {
      await until(removed(id), {
        timeoutMs: onBusyMachine(SWEEP_MS + TTL_MS),
        describe: `the bytes of ${id} are gone`,
      });
    }

    expect((await listFiles(platform)).data.map(({ name }) => name)).not.toContain('old.txt');
    expect(await problemOf(await platform.get(`/api/v1/files/${file.file_id}`))).toMatchObject({ status: 410 });
    expect(rowCount(platform, 'file')).toBe(3);
  });
});
