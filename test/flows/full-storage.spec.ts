import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, download, finishedTask, postTask, upload } from './client.js';
import { PLUGINS_DIR } from './grounds.js';
import { problemOf } from './problem.js';
import { CAN_MOUNT, fill, filesOn, fillInodes, makeRoom, onSmallDisk, remount } from './small-disks.js';
import { rowCount, storedFiles } from './traces.js';

const SMALL = Buffer.from('small\n');
/** Larger than the disk, and than what a process may write. */
const LARGE = randomBytes(6_000_000);

const postFile = (platform: Platform, bytes: Buffer): Promise<Response> =>
  platform.post('/api/v1/files', {
    body: new Uint8Array(bytes),
    headers: { 'content-type': 'application/octet-stream' },
  });

const expectFull = async (response: Response): Promise<void> => {
  await expect(problemOf(response)).resolves.toMatchObject({
    status: 507,
    error: { type: 'unavailable', code: 'storage_full', retryable: true },
  });
};

/** Without root there is no mounting; the tests are then reported as skipped. */
(CAN_MOUNT ? describe : describe.skip)('a storage on a small disk', () => {
  let platform: Platform;
  let kept: string;

  beforeAll(async () => {
    platform = await startPlatform({ by: onSmallDisk('storage', 'size=4m,nr_inodes=200'), env: { PLUGINS_DIR } });
    kept = (await upload(platform, 'kept.txt', 'kept\n')).file_id;
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  /** What was refused has left nothing, what was there is there, and new files are taken again. */
  const expectAsBefore = async (): Promise<void> => {
    expect(await filesOn(platform, 'storage')).toEqual([kept]);
    expect(rowCount(platform, 'file')).toBe(1);
    await expect(download(platform, kept)).resolves.toEqual(Buffer.from('kept\n'));
    const { file_id } = await upload(platform, 'new.txt', SMALL);
    expect((await platform.get(`/api/v1/files/${file_id}`, { method: 'DELETE' })).status).toBe(204);
  };

  it('refuses what has no room, while others go on', async () => {
    const [refused, bytes, task] = await Promise.all([
      postFile(platform, LARGE),
      download(platform, kept),
      createTask(platform, 'file-hash', { inputs: [kept] }),
    ]);

    await expectFull(refused);
    expect(bytes).toHaveLength(5);
    await expect(finishedTask(platform, task.task_id)).resolves.toMatchObject({ status: 'completed' });
    await expectAsBefore();
  });

  it('takes all files of a form, or none', async () => {
    const body = new FormData();
    for (const bytes of [SMALL, LARGE]) body.append('file', new File([new Uint8Array(bytes)], 'file.bin'));

    await expectFull(await platform.post('/api/v1/files', { body }));

    await expectAsBefore();
  });

  it('makes no task when its file has no room', async () => {
    const tasks = rowCount(platform, 'task');

    await expectFull(await postTask(platform, 'file-hash', { files: [{ name: 'large.bin', bytes: LARGE }] }));

    expect(rowCount(platform, 'task')).toBe(tasks);
    await expectAsBefore();
  });

  it('refuses files when there is no name left for them', async () => {
    await fillInodes(platform, 'storage');

    await expectFull(await postFile(platform, SMALL));

    await makeRoom(platform, 'storage');
    await expectAsBefore();
  });

  it('refuses files when it can only be read, and says that it is not ready', async () => {
    await remount(platform, 'storage', 'ro');

    await expectFull(await postFile(platform, SMALL));
    expect((await platform.get('/ready')).status).toBe(503);
    await expect(download(platform, kept)).resolves.toHaveLength(5);

    await remount(platform, 'storage', 'rw');
    expect((await platform.get('/ready')).status).toBe(200);
    await expectAsBefore();
  });

  it('takes what just fits, after it has refused what does not', async () => {
    await fill(platform, 'storage', 300_000);

    await expectFull(await postFile(platform, LARGE.subarray(0, 400_000)));
    const fits = await postFile(platform, LARGE.subarray(0, 200_000));

    expect(fits.status).toBe(201);
  });
});

describe('a process that may not write large files', () => {
  it('refuses them, and takes others', async () => {
    await using platform: Platform = await startPlatform({ by: ['prlimit', '--fsize=5000000'] });

    const refused = await postFile(platform, LARGE);
    const { file_id } = await upload(platform, 'small.txt', SMALL);
    const task = await createTask(platform, 'file-hash', { inputs: [file_id] });

    await expectFull(refused);
    await expect(finishedTask(platform, task.task_id)).resolves.toMatchObject({ status: 'completed' });
    expect(await storedFiles(platform)).toHaveLength(1);
    expect(rowCount(platform, 'file')).toBe(1);
  });
});
