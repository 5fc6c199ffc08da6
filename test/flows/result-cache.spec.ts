import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { newUser } from '../users.js';
import type { Visitor } from '../visitor.js';
import { type Caller, createTask, download, finishedTask, type TaskDocument, upload, type Wanted } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';
import { toolProcesses } from './traces.js';

/** The simplest ground, and the one that differs most. */
const GROUNDS = COMBINATIONS.filter(({ name }) => /SQLite and the embedded|PostgreSQL and Bull/.test(name));

let number = 0;

describe.each(GROUNDS)('the result cache on $name', (combination) => {
  let grounded: Grounded;
  let platform: Platform;
  let other: Visitor;
  /** A file that no other test has. */
  let input: string;
  let bytes: string;

  beforeAll(async () => {
    grounded = await startOn(combination);
    platform = grounded.platform;
    other = await newUser(platform, 'user');
  });
  beforeEach(async () => {
    bytes = `file number ${number++}\n`;
    input = (await upload(platform, 'a.txt', bytes)).file_id;
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const stamped = async (wanted: Wanted = {}, tool = 'stamp', caller: Caller = platform): Promise<TaskDocument> => {
    const { task_id } = await createTask(caller, tool, { inputs: [input], ...wanted });
    const task = await finishedTask(caller, task_id);
    expect(task.error).toBeNull();
    return task;
  };
  const fresh = async (): Promise<TaskDocument> => {
    const body = { inputs: [input] };
    const answer = await platform.postJson('/api/v1/tools/stamp/process', body, { 'cache-control': 'no-cache' });
    return finishedTask(platform, (JSON.parse(await answer.text()) as TaskDocument).task_id);
  };
  const remove = async (path: string): Promise<void> => {
    expect((await platform.delete(path)).status).toBe(204);
  };

  it('answers the same task at once, with the same result', async () => {
    const first = await stamped();
    const answer = await platform.postJson('/api/v1/tools/stamp/process', { inputs: [input], tag: 'again' });
    const again = JSON.parse(await answer.text()) as TaskDocument;

    expect(first.cache_hit).toBe(false);
    expect(answer.status).toBe(202);
    expect(answer.headers.has('retry-after')).toBe(false);
    expect(again).toMatchObject({
      status: 'completed',
      cache_hit: true,
      attempt: 0,
      started_at: null,
      usage: null,
      data: first.data,
      outputs: first.outputs,
      tag: 'again',
    });
    expect(again.task_id).not.toBe(first.task_id);
    expect(again.finished_at).toBe(again.created_at);
    expect(await finishedTask(platform, again.task_id)).toEqual(again);
    const result = await platform.get(again.result_url ?? '');
    expect({ stamp: await result.text() }).toEqual(first.data);
  });

  it('takes the same bytes for the same, however they come, and defaults for what was said', async () => {
    const first = await stamped();
    const form = await createTask(platform, 'stamp', { options: { width: 1 }, files: [{ name: 'a.txt', bytes }] });

    expect(form).toMatchObject({ cache_hit: true, data: first.data });
  });

  it.each([
    ['another name', async () => ({ inputs: [(await upload(platform, 'b.txt', bytes)).file_id] })],
    ['other bytes', async () => ({ inputs: [(await upload(platform, 'a.txt', `${bytes}more`)).file_id] })],
    ['another option', () => ({ options: { width: 2 } })],
    ['one more file', () => ({ inputs: [input, input] })],
  ])('runs a task with %s', async (_, wanted) => {
    const first = await stamped();
    const different = await stamped(await wanted());

    expect(different.cache_hit).toBe(false);
    expect(different.data).not.toEqual(first.data);
  });

  it('runs again for Cache-Control: no-cache, and gives the newer result from then on', async () => {
    await stamped();
    const newer = await fresh();

    expect(newer.cache_hit).toBe(false);
    expect(await stamped()).toMatchObject({ cache_hit: true, data: newer.data });
  });

  it('gives nobody the result of somebody else', async () => {
    const mine = await stamped();
    const theirs = (await upload(other, 'a.txt', bytes)).file_id;
    const task = await stamped({ inputs: [theirs] }, 'stamp', other);

    expect(task.cache_hit).toBe(false);
    expect(task.data).not.toEqual(mine.data);
  });

  it('gives others a copy of what a tool says may be shared', async () => {
    const mine = await stamped({}, 'shared-stamp');
    const theirs = (await upload(other, 'a.txt', bytes)).file_id;
    const task = await stamped({ inputs: [theirs] }, 'shared-stamp', other);
    await remove(`/api/v1/tasks/${mine.task_id}`);

    expect(task).toMatchObject({ cache_hit: true, data: mine.data });
    expect(task.outputs[0]?.file_id).not.toBe(mine.outputs[0]?.file_id);
    expect({ stamp: String(await download(other, task.outputs[0]?.file_id ?? '')) }).toEqual(mine.data);
  });

  it('keeps the files of a task that is removed as long as another has them', async () => {
    const first = await stamped();
    const again = await stamped();
    const file = first.outputs[0]?.file_id ?? '';

    await remove(`/api/v1/tasks/${first.task_id}`);
    expect({ stamp: String(await download(platform, file)) }).toEqual(first.data);
    expect((await stamped()).cache_hit).toBe(true);

    await remove(`/api/v1/tasks/${again.task_id}`);
    const [last] = (JSON.parse(await (await platform.get('/api/v1/tasks?limit=1')).text()) as { data: TaskDocument[] })
      .data;
    await remove(`/api/v1/tasks/${last?.task_id}`);
    expect(await problemOf(await platform.get(`/api/v1/files/${file}/content`))).toMatchObject({ status: 404 });
    expect((await stamped()).cache_hit).toBe(false);
  });

  it('runs again when a file of the result is gone', async () => {
    const first = await stamped();
    await remove(`/api/v1/files/${first.outputs[0]?.file_id}`);

    expect((await stamped()).cache_hit).toBe(false);
  });

  it('does not keep what a tool does not promise to repeat', async () => {
    const first = await createTask(platform, 'echo');
    await finishedTask(platform, first.task_id);

    expect(await createTask(platform, 'echo')).toMatchObject({ status: 'pending', cache_hit: false });
  });
});

describe('a second identical conversion of 12 megapixels', () => {
  it('is answered at once, and costs no child', async () => {
    const [combination] = GROUNDS;
    if (!combination) throw new Error('There is no ground.');
    await using grounded = await startOn(combination);
    const { platform } = grounded;
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    const create = { width: 4_000, height: 3_000, channels: 3, background: '#888', noise } as const;
    const photograph = await sharp({ create }).jpeg().toBuffer();
    const { file_id } = await upload(platform, 'photograph.jpg', photograph);
    const wanted = { inputs: [file_id], options: { format: 'webp', width: 1_600 } };
    const first = await finishedTask(platform, (await createTask(platform, 'image-convert', wanted)).task_id, 60_000);
    const children = new Set(toolProcesses(platform, 'image'));

    const again = await createTask(platform, 'image-convert', wanted);

    expect(again).toMatchObject({ cache_hit: true, status: 'completed', outputs: first.outputs });
    expect(new Set(toolProcesses(platform, 'image'))).toEqual(children);
  });
});
