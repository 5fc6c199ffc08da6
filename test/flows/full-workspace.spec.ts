import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { until } from '../conditions.js';
import { createTask, download, finishedTask, readTask, type TaskDocument, upload } from './client.js';
import { PLUGINS_DIR } from './grounds.js';
import { CAN_MOUNT, fill, filesOn, fillInodes, makeRoom, onSmallDisk, remount } from './small-disks.js';
import { rowCount } from './traces.js';

const MEGABYTE = 1_000_000;
/** Three attempts, with pauses of up to 1.5 and 3 s between them. */
const ATTEMPTS_MS = 30_000;

/** A text of so many bytes that nobody else has. */
const text = (bytes: number): string => randomBytes(bytes / 2).toString('hex');

const NO_ROOM = {
  status: 'failed',
  attempt: 3,
  outputs: [],
  error: { type: 'unavailable', code: 'storage_full', retryable: true },
};

/** Copies a text that is uploaded with the task. */
const copy = (platform: Platform, bytes: number, copies = 1): Promise<TaskDocument> =>
  createTask(platform, 'copies', {
    files: [{ name: 'text.txt', bytes: text(bytes) }],
    options: { names: Array.from({ length: copies }, (_, index) => `${index}.txt`) },
  });

const triedAgain = (platform: Platform, id: string): Promise<TaskDocument> =>
  until(
    async () => {
      const task = await readTask(platform, id);
      return task.status_reason === 'retry_at' ? task : undefined;
    },
    { describe: 'the task is to be tried again' },
  );

(CAN_MOUNT ? describe : describe.skip)('workspaces on a small disk', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform({ by: onSmallDisk('work', 'size=4m,nr_inodes=200'), env: { PLUGINS_DIR } });
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  const expectRoom = async (): Promise<void> => {
    expect(await filesOn(platform, 'work')).toEqual([]);
    const { task_id } = await copy(platform, 1_000);
    await expect(finishedTask(platform, task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
  };

  it.each([
    ['an input has no room', 5 * MEGABYTE, 1],
    ['what the tool writes has no room', 3 * MEGABYTE, 1],
  ])('fail a task when %s, and do not blame the tool', async (_, bytes, copies) => {
    const { task_id } = await copy(platform, bytes, copies);

    await expect(finishedTask(platform, task_id, ATTEMPTS_MS)).resolves.toMatchObject(NO_ROOM);
    await expectRoom();
  });

  it('let a task wait until there are names for its files', async () => {
    await fillInodes(platform, 'work');
    const { task_id } = await copy(platform, 1_000);
    await triedAgain(platform, task_id);

    await makeRoom(platform, 'work');

    const task = await finishedTask(platform, task_id, ATTEMPTS_MS);
    expect(task).toMatchObject({ status: 'completed', error: null });
    expect(task.attempt).toBeGreaterThan(1);
    await expectRoom();
  });

  it('let a task wait until they can be written to', async () => {
    await remount(platform, 'work', 'ro');
    const { task_id } = await copy(platform, 1_000);
    await triedAgain(platform, task_id);

    await remount(platform, 'work', 'rw');

    await expect(finishedTask(platform, task_id, ATTEMPTS_MS)).resolves.toMatchObject({ status: 'completed' });
    await expectRoom();
  });
});

(CAN_MOUNT ? describe : describe.skip)('outputs for which the storage has no room', () => {
  let platform: Platform;
  let input: string;

  beforeAll(async () => {
    platform = await startPlatform({ by: onSmallDisk('storage', 'size=8m'), env: { PLUGINS_DIR } });
    input = (await upload(platform, 'text.txt', text(MEGABYTE))).file_id;
    await fill(platform, 'storage', 1.5 * MEGABYTE);
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  const copyTwice = () => createTask(platform, 'copies', { inputs: [input], options: { names: ['1.txt', '2.txt'] } });

  it('fail the task, and none of them is kept', async () => {
    const { task_id } = await copyTwice();

    await expect(finishedTask(platform, task_id, ATTEMPTS_MS)).resolves.toMatchObject(NO_ROOM);
    expect(await filesOn(platform, 'storage')).toEqual([input]);
    expect(rowCount(platform, 'file')).toBe(1);
  });

  it('are stored when there is room again', async () => {
    const { task_id } = await copyTwice();
    await triedAgain(platform, task_id);

    await makeRoom(platform, 'storage');

    const { status, outputs } = await finishedTask(platform, task_id, ATTEMPTS_MS);
    expect(status).toBe('completed');
    const bytes = await Promise.all(outputs.map(({ file_id }) => download(platform, file_id)));
    expect(bytes.map(({ length }) => length)).toEqual([MEGABYTE, MEGABYTE]);
    expect(await filesOn(platform, 'storage')).toHaveLength(3);
  });
});
