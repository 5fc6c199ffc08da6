import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { newUser } from '../users.js';
import { createTask, finishedTask, listTasks, readTask, type TaskDocument, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';

/** The database finds the tasks, and each does so in its own way; the queue has no part in it. */
const DATABASES = COMBINATIONS.filter(({ queue }) => queue === 'embedded');

const json = async (response: Promise<Response>): Promise<unknown> => JSON.parse(await (await response).text());

const created = async (response: Response): Promise<TaskDocument> => {
  expect(response.status).toBe(202);
  return JSON.parse(await response.text());
};

describe.each(DATABASES)('many tasks at once on $name', (combination) => {
  let grounded: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    grounded = await startOn(combination);
    platform = grounded.platform;
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const echo = async (tag: string, delay = 0): Promise<TaskDocument> =>
    createTask(platform, 'echo', { options: { delay_ms: delay }, tag });
  const done = async (tag: string): Promise<TaskDocument> => finishedTask(platform, (await echo(tag)).task_id);
  const tagged = async (tag: string, more = '') => (await listTasks(platform, `?tag=${tag}${more}`)).data;

  const idsAt = async (query: string) => (await tagged('time', query)).map(({ task_id }) => task_id);

  it('cancels what the filter finds, and nothing else', async () => {
    const waiting = await Promise.all(Array.from({ length: 5 }, () => echo('cancel', 600_000)));
    const other = await echo('keep', 600_000);

    expect(await json(platform.post('/api/v1/tasks/cancel?tag=cancel'))).toEqual({ count: 5, has_more: false });

    expect((await tagged('cancel')).map(({ status }) => status)).toEqual(waiting.map(() => 'cancelled'));
    expect((await readTask(platform, other.task_id)).status).not.toBe('cancelled');
    expect(await json(platform.post('/api/v1/tasks/cancel?tool=echo'))).toEqual({ count: 1, has_more: false });
  });

  it('removes what is finished, and leaves what is not', async () => {
    await done('remove');
    await done('remove');
    const running = await echo('remove', 600_000);

    expect(await json(platform.delete('/api/v1/tasks?tag=remove'))).toEqual({ count: 2, has_more: false });
    expect((await tagged('remove')).map(({ task_id }) => task_id)).toEqual([running.task_id]);
    expect(await json(platform.delete('/api/v1/tasks?tag=remove&status=processing'))).toMatchObject({ count: 0 });
    await platform.post('/api/v1/tasks/cancel?tag=remove');
  });

  it.each(['', '?', '?tags=x', '?status=done', '?created_after=yesterday'])(
    'refuses %j, which could mean everything',
    async (query) => {
      for (const answer of [
        await platform.delete(`/api/v1/tasks${query}`),
        await platform.post(`/api/v1/tasks/cancel${query}`),
      ])
        expect(await problemOf(answer)).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
    },
  );

  it('changes nothing that belongs to somebody else', async () => {
    const mine = await done('ours');
    const other = await newUser(platform, 'user');

    expect(await json(other.delete('/api/v1/tasks?tag=ours'))).toEqual({ count: 0, has_more: false });
    expect((await readTask(platform, mine.task_id)).status).toBe('completed');
  });

  it('narrows by time', async () => {
    const first = await done('time');
    const second = await done('time');
    const between = encodeURIComponent(second.created_at);

    expect(await idsAt(`&created_before=${between}`)).toEqual([first.task_id]);
    expect(await idsAt(`&created_after=${between}`)).toEqual([second.task_id]);
    expect(await idsAt(`&created_after=${encodeURIComponent('2999-01-01T00:00:00+02:00')}`)).toEqual([]);
    expect(await problemOf(await platform.get('/api/v1/tasks?created_after=2026-11-22'))).toMatchObject({
      status: 400,
    });
  });

  it('downloads a list as CSV that no spreadsheet takes for formulas', async () => {
    const tag = '=1+1';
    const { file_id } = await upload(platform, '@sum(a1), b.txt', 'bytes\n');
    const { task_id } = await createTask(platform, 'file-hash', { inputs: [file_id], tag });
    await finishedTask(platform, task_id);

    const answer = await platform.get(`/api/v1/tasks/export?tag=${encodeURIComponent(tag)}`);
    const [header = '', row = '', ...rest] = (await answer.text()).split('\r\n');

    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tasks.csv"');
    expect(header).toMatch(/^task_id,tool,version,status,tag,/);
    expect(row).toContain(`${task_id},file-hash,`);
    expect(row).toContain(`,"'=1+1",`);
    expect(row).toContain(`"'@sum(a1), b.txt"`);
    expect(rest).toEqual(['']);
  });

  it('downloads a long list whole, a document a line', async () => {
    const made = await Promise.all(Array.from({ length: 410 }, () => echo('long')));
    await Promise.all(made.map(({ task_id }) => finishedTask(platform, task_id, 60_000)));

    const answer = await platform.get('/api/v1/tasks/export?format=ndjson&tag=long');
    const lines = (await answer.text()).trimEnd().split('\n');

    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    const ids = lines.map((line) => (JSON.parse(line) as TaskDocument).task_id);
    expect(ids).toHaveLength(410);
    expect(new Set(ids)).toEqual(new Set(made.map(({ task_id }) => task_id)));
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect((await platform.send('HEAD', '/api/v1/tasks/export?tag=long')).status).toBe(200);
  });
});

describe.each(DATABASES)('a task again on $name', (combination) => {
  let grounded: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    grounded = await startOn(combination);
    platform = grounded.platform;
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const again = (id: string, headers: Record<string, string> = {}) =>
    platform.post(`/api/v1/tasks/${id}/retry`, { headers });

  it('is a new task that names the old one', async () => {
    const options = { message: 'once more', fail: 'error' };
    const first = await createTask(platform, 'echo', { options, tag: 'again', priority: 7 });
    await finishedTask(platform, first.task_id);

    const answer = await again(first.task_id);
    const second = await created(answer);

    expect(answer.headers.get('location')).toBe(`/api/v1/tasks/${second.task_id}`);
    expect(second).toMatchObject({ status: 'pending', retry_of: first.task_id, tag: 'again', priority: 7 });
    expect(second.options).toEqual(first.options);
    expect(await finishedTask(platform, second.task_id)).toMatchObject({ status: 'failed', retry_of: first.task_id });
  });

  it('is not run when its result is known, unless the request says so', async () => {
    const { file_id } = await upload(platform, 'a.txt', 'to stamp\n');
    const first = await createTask(platform, 'stamp', { inputs: [file_id] });
    const { data } = await finishedTask(platform, first.task_id);

    const known = await created(await again(first.task_id));
    const made = await created(await again(first.task_id, { 'cache-control': 'max-age=0, No-Cache' }));

    expect(known).toMatchObject({ cache_hit: true, data, retry_of: first.task_id });
    expect(made.cache_hit).toBe(false);
    expect((await finishedTask(platform, made.task_id)).data).not.toEqual(data);
  });

  it('is created once for one Idempotency-Key', async () => {
    const first = await createTask(platform, 'echo');
    await finishedTask(platform, first.task_id);
    const key = { 'idempotency-key': 'again' };

    const [one, two] = [await created(await again(first.task_id, key)), await created(await again(first.task_id, key))];

    expect(two).toEqual(one);
  });

  it('must be finished, must be mine, and must have its files', async () => {
    const running = await createTask(platform, 'echo', { options: { delay_ms: 600_000 } });
    const { file_id } = await upload(platform, 'gone.txt', 'soon gone\n');
    const hashed = await createTask(platform, 'file-hash', { inputs: [file_id] });
    await finishedTask(platform, hashed.task_id);
    await platform.delete(`/api/v1/files/${file_id}`);
    const other = await newUser(platform, 'user');

    expect(await problemOf(await again(running.task_id))).toMatchObject({ error: { code: 'task_not_finished' } });
    expect(await problemOf(await again(hashed.task_id))).toMatchObject({ error: { code: 'file_not_found' } });
    const theirs = await other.post(`/api/v1/tasks/${running.task_id}/retry`);
    expect(await problemOf(theirs)).toMatchObject({ error: { code: 'task_not_found' } });
    await platform.post(`/api/v1/tasks/${running.task_id}/cancel`);
  });
});
