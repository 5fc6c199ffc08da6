import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { cancelTask, createTask, finishedTask, listFiles, listTasks, uploadAll } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';

interface Page {
  readonly ids: readonly string[];
  readonly link: string | null;
}

/** The database decides the order, and each does so in its own way; the queue has no part in it. */
const DATABASES = COMBINATIONS.filter(({ queue }) => queue === 'embedded');

describe.each(DATABASES)('the lists on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;
  /** In the order of their creation. */
  let files: string[];
  let tasks: string[];

  beforeAll(async () => {
    ground = await startOn(combination);
    platform = ground.platform;
    const parts = Array.from({ length: 7 }, (_, index) => ({ name: `${index}.txt`, bytes: `file ${index}\n` }));
    files = (await uploadAll(platform, parts)).map(({ file_id }) => file_id);
    tasks = [];
    for (let index = 0; index < 7; index++) {
      const { task_id } = await createTask(platform, 'echo', {
        options: { message: String(index) },
        tag: `t${index % 2}`,
      });
      tasks.push(task_id);
    }
    await Promise.all(tasks.map((id) => finishedTask(platform, id)));
  });

  afterAll(() => ground[Symbol.asyncDispose]());

  /** Follows the Link headers to the end, as a client does that knows RFC 8288. */
  const pages = async (path: string): Promise<Page[]> => {
    const response = await platform.get(path);
    const { data } = JSON.parse(await response.text());
    const ids = data.map((entry: { file_id?: string; task_id?: string }) => entry.file_id ?? entry.task_id);
    const link = response.headers.get('link');
    const [, next] = /^<(.+)>; rel="next"$/.exec(link ?? '') ?? [];
    return [{ ids, link }, ...(next ? await pages(next) : [])];
  };

  it.each(['files', 'tasks'] as const)(
    'give %s page by page, newest first, none twice and none missing',
    async (kind) => {
      const created = kind === 'files' ? files : tasks;

      const found = await pages(`/api/v1/${kind}?limit=3`);

      expect(found.map(({ ids }) => ids.length)).toEqual([3, 3, 1]);
      expect(found.flatMap(({ ids }) => ids)).toEqual(created.toReversed());
    },
  );

  it('say in the body, too, whether there is more', async () => {
    const first = await listFiles(platform, '?limit=4');
    const second = await listFiles(platform, `?limit=4&cursor=${first.page.next_cursor}`);

    expect(first.page).toEqual({ next_cursor: expect.any(String), has_more: true });
    expect(second.page).toEqual({ next_cursor: null, has_more: false });
    expect(second.data.map(({ name }) => name)).toEqual(['2.txt', '1.txt', '0.txt']);
  });

  it('keep their place while new entries come', async () => {
    const first = await listTasks(platform, '?limit=3');
    const { task_id } = await createTask(platform, 'echo');
    await finishedTask(platform, task_id);

    const second = await listTasks(platform, `?limit=3&cursor=${first.page.next_cursor}`);
    await platform.get(`/api/v1/tasks/${task_id}`, { method: 'DELETE' });

    expect(second.data.map(({ task_id: id }) => id)).toEqual(tasks.slice(1, 4).toReversed());
  });

  it('narrow tasks by tag, tool and status, and keep the filter from page to page', async () => {
    const waiting = await createTask(platform, 'echo', { options: { delay_ms: 600_000 }, tag: 't0' });
    await cancelTask(platform, waiting.task_id);

    const byTag = await pages('/api/v1/tasks?limit=2&tag=t0&status=completed');
    const byStatus = await listTasks(platform, '?status=cancelled');
    const byTool = await listTasks(platform, '?tool=image-convert');

    expect(byTag.flatMap(({ ids }) => ids)).toEqual([tasks[6], tasks[4], tasks[2], tasks[0]]);
    expect(byTag[0]?.link).toContain('tag=t0&status=completed');
    expect(byStatus.data.map(({ task_id }) => task_id)).toEqual([waiting.task_id]);
    expect(byTool).toEqual({ data: [], page: { next_cursor: null, has_more: false } });
  });

  it.each([
    ['files?limit=0', 'invalid_request'],
    ['files?limit=201', 'invalid_request'],
    ['tasks?limit=many', 'invalid_request'],
    ['tasks?status=done', 'invalid_request'],
    ['tasks?cursor=x', 'invalid_cursor'],
    ['files?cursor=', 'invalid_cursor'],
    [`files?cursor=${'A'.repeat(22)}`, 'invalid_cursor'],
    ['files?limit=1&limit=2', 'invalid_request'],
  ])('refuse %s', async (path, code) => {
    const problem = await problemOf(await platform.get(`/api/v1/${path}`));

    expect(problem).toMatchObject({ status: 400, error: { code, type: 'validation_error' } });
  });

  it('no longer show what was removed', async () => {
    const [first = ''] = files;

    const removal = await platform.get(`/api/v1/files/${first}`, { method: 'DELETE' });
    const again = await platform.get(`/api/v1/files/${first}`, { method: 'DELETE' });

    expect(removal.status).toBe(204);
    await expect(problemOf(again)).resolves.toMatchObject({ status: 404, error: { code: 'file_not_found' } });
    const { data } = await listFiles(platform);
    expect(data.map(({ file_id }) => file_id)).toEqual(files.slice(1).toReversed());
  });
});
