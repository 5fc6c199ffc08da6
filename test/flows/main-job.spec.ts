import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { COMBINATIONS } from '../combinations.js';
import { picture } from '../files/detection/samples.js';
import type { Platform } from '../platform.js';
import { createTask, download, finishedTask, postTask, readTask, upload, uploadAll } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';
import { workspaceEntries } from './traces.js';
import { entriesOf } from './zip.js';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

describe.each(COMBINATIONS)('the main job on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;
  let photo: Buffer;

  beforeAll(async () => {
    ground = await startOn(combination);
    platform = ground.platform;
    photo = await picture('jpeg', 400);
  });

  afterAll(() => ground[Symbol.asyncDispose]());

  it('goes from an upload to a smaller picture', async () => {
    const options = { format: 'webp', width: 100 };

    const answer = await postTask(platform, 'image-convert', { options, files: [{ name: 'Köln.jpg', bytes: photo }] });
    const accepted = JSON.parse(await answer.text());
    const task = await finishedTask(platform, accepted.task_id);
    const result = await platform.get(String(task.result_url));
    const bytes = Buffer.from(await result.arrayBuffer());

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/tasks/${accepted.task_id}`);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(accepted).toMatchObject({
      status: 'pending',
      attempt: 0,
      result_url: null,
      inputs: [{ name: 'Köln.jpg', type: 'image/jpeg', size: photo.length, sha256: sha256(photo) }],
    });
    expect(task).toMatchObject({
      status: 'completed',
      attempt: 1,
      progress: { ratio: 1 },
      options: { format: 'webp', width: 100, fit: 'inside' },
      outputs: [{ name: 'Köln.webp', type: 'image/webp', size: bytes.length, sha256: sha256(bytes) }],
      data: { width: 100, height: 100 },
      error: null,
    });
    expect(result.status).toBe(200);
    expect(result.headers.get('content-type')).toBe('image/webp');
    expect(result.headers.get('content-disposition')).toContain("filename*=UTF-8''K%C3%B6ln.webp");
    expect(result.headers.get('etag')).toBe(`"${sha256(bytes)}"`);
    expect(bytes.length).toBeLessThan(photo.length);
    await expect(sharp(bytes).metadata()).resolves.toMatchObject({ format: 'webp', width: 100 });
  });

  it('takes files that are there already, as often as one likes', async () => {
    const file = await upload(platform, 'photo.jpg', photo);
    const wanted = { inputs: [file.file_id], options: { format: 'png', width: 10 }, tag: 'again' };

    const created = [
      await createTask(platform, 'image-convert', wanted),
      await createTask(platform, 'image-convert', wanted),
    ];
    const tasks = await Promise.all(created.map(({ task_id }) => finishedTask(platform, task_id)));

    expect(tasks.map(({ status, tag }) => [status, tag])).toEqual([
      ['completed', 'again'],
      ['completed', 'again'],
    ]);
    expect(new Set(tasks.flatMap(({ outputs }) => outputs.map(({ file_id }) => file_id))).size).toBe(2);
    await expect(download(platform, file.file_id)).resolves.toEqual(photo);
  });

  it('lets an output be the input of the next task', async () => {
    const files = [{ name: 'photo.jpg', bytes: photo }];
    const first = await createTask(platform, 'image-convert', { files, options: { format: 'gif', width: 20 } });
    const [output] = (await finishedTask(platform, first.task_id)).outputs;

    const second = await createTask(platform, 'file-hash', { inputs: [String(output?.file_id)] });
    const { data } = await finishedTask(platform, second.task_id);

    expect(data).toEqual({
      files: [{ name: 'photo.gif', size: output?.size, digests: { sha256: output?.sha256 } }],
    });
  });

  it('answers with data as JSON', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { message: 'hello' } });
    const task = await finishedTask(platform, task_id);

    const result = await platform.get(String(task.result_url));

    expect(task).toMatchObject({ status: 'completed', inputs: [], outputs: [] });
    expect(result.headers.get('content-type')).toMatch(/^application\/json/);
    await expect(result.json()).resolves.toEqual({ message: 'hello', delay_ms: 0, fail: 'none' });
  });

  it('answers with several files as a zip, under names that do no harm', async () => {
    const options = { names: ['a.txt', 'A.txt', '../../b.txt', 'ü/c.txt'] };
    const files = [{ name: 'text.txt', bytes: 'the text\n' }];
    const { task_id } = await createTask(platform, 'copies', { files, options });
    const task = await finishedTask(platform, task_id);

    const result = await platform.get(String(task.result_url));
    const entries = entriesOf(Buffer.from(await result.arrayBuffer()));

    expect(task.outputs).toHaveLength(4);
    expect(result.headers.get('content-type')).toBe('application/zip');
    expect(result.headers.get('content-disposition')).toBe(`attachment; filename=${task_id}.zip`);
    expect(Object.keys(entries)).toEqual(['a.txt', 'A (2).txt', 'b.txt', 'c.txt']);
    expect(new Set(Object.values(entries))).toEqual(new Set(['the text\n']));
  });

  it('takes several files in one form, and keeps their order', async () => {
    const files = await uploadAll(platform, [
      { name: 'one.txt', bytes: 'one\n' },
      { name: 'two.txt', bytes: 'two\n' },
    ]);
    const inputs = files.map(({ file_id }) => file_id).toReversed();

    const { task_id } = await createTask(platform, 'file-identify', { inputs });
    const { data } = await finishedTask(platform, task_id);

    expect(data).toMatchObject({
      files: [
        { name: 'two.txt', type: 'text/plain' },
        { name: 'one.txt', type: 'text/plain' },
      ],
    });
  });

  it('removes a finished task with its outputs, and leaves no workspace', async () => {
    const files = [{ name: 'photo.jpg', bytes: photo }];
    const { task_id } = await createTask(platform, 'image-convert', { files, options: { format: 'webp' } });
    const { outputs, inputs } = await finishedTask(platform, task_id);

    const removal = await platform.get(`/api/v1/tasks/${task_id}`, { method: 'DELETE' });

    expect(removal.status).toBe(204);
    await expect(problemOf(await platform.get(`/api/v1/tasks/${task_id}`))).resolves.toMatchObject({
      error: { code: 'task_not_found' },
    });
    await expect(problemOf(await platform.get(`/api/v1/files/${outputs[0]?.file_id}`))).resolves.toMatchObject({
      error: { code: 'file_not_found' },
    });
    await expect(download(platform, String(inputs[0]?.file_id))).resolves.toEqual(photo);
    await expect(workspaceEntries(platform)).resolves.toEqual([]);
  });

  it('answers a poll for what has not changed with nothing but that', async () => {
    const { task_id } = await createTask(platform, 'echo');
    await finishedTask(platform, task_id);
    const first = await platform.get(`/api/v1/tasks/${task_id}`);

    const headers = { 'if-none-match': String(first.headers.get('etag')) };
    const second = await platform.get(`/api/v1/tasks/${task_id}`, { headers });

    expect(second.status).toBe(304);
    expect(first.headers.get('retry-after')).toBeNull();
    await expect(readTask(platform, task_id)).resolves.toEqual(await first.json());
  });
});
