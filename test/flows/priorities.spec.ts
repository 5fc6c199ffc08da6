import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { cancelTask, createTask, finishedTask, postTask, readTask, taskIn } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';

const COPY = { files: [{ name: 'a.txt', bytes: 'text' }], options: { names: ['b.txt'] } };

describe.each(COMBINATIONS)('the priority of a task on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    ground = await startOn(combination, { env: { WORKER_CONCURRENCY: '1' } });
    platform = ground.platform;
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  it('decides who is first, in JSON and in forms, and 5 is usual', async () => {
    const first = await createTask(platform, 'echo', { options: { delay_ms: 600_000 } });
    await taskIn(platform, first.task_id, ['processing']);
    const [low, usual, urgent] = [
      await createTask(platform, 'echo', { priority: 0 }),
      await createTask(platform, 'echo'),
      await createTask(platform, 'copies', { ...COPY, priority: 9 }),
    ];
    const inLine = await Promise.all([urgent, usual, low].map(({ task_id }) => readTask(platform, task_id)));

    await cancelTask(platform, first.task_id);
    const ended = await Promise.all([urgent, usual, low].map(({ task_id }) => finishedTask(platform, task_id)));

    expect(inLine.map(({ priority, queue }) => [priority, queue?.position])).toEqual([
      [9, 0],
      [5, 1],
      [0, 2],
    ]);
    const starts = ended.map(({ started_at }) => String(started_at));
    expect(starts).toEqual(starts.toSorted());
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
  });

  it.each([-1, 10, 1.5])('is a whole number from 0 to 9, and never %d', async (priority) => {
    const answers = [
      await postTask(platform, 'echo', { priority }),
      await postTask(platform, 'copies', { ...COPY, priority }),
    ];

    for (const answer of answers) {
      await expect(problemOf(answer)).resolves.toMatchObject({
        status: 400,
        detail: '/priority: must be a whole number from 0 to 9',
        error: { code: 'invalid_request', details: [{ path: '/priority' }] },
      });
    }
  });

  it.each(['', 'high', ' 5', '0x5', '5e0'])('is no text such as %j', async (priority) => {
    const body = new FormData();
    body.append('priority', priority);

    const inForm = await platform.post('/api/v1/tools/echo/process', { body });
    const inJson = await platform.postJson('/api/v1/tools/echo/process', { priority });

    for (const answer of [inForm, inJson])
      await expect(problemOf(answer)).resolves.toMatchObject({
        status: 400,
        error: { details: [{ path: '/priority' }] },
      });
  });
});
