import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { cancelTask, createTask, listFiles, listTasks, postTask, taskIn } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';

const LIMIT = 3;
const FULL = { status: 429, error: { type: 'unavailable', code: 'queue_full', retryable: true } };

describe.each(COMBINATIONS.filter(({ queue }) => queue === 'embedded'))('a full queue on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;
  let running: string;

  beforeAll(async () => {
    ground = await startOn(combination, { env: { WORKER_CONCURRENCY: '1', MAX_PENDING_TASKS: String(LIMIT) } });
    platform = ground.platform;
    ({ task_id: running } = await createTask(platform, 'echo', { options: { delay_ms: 600_000 } }));
    await taskIn(platform, running, ['processing']);
    for (let waiting = 0; waiting < LIMIT; waiting++) await createTask(platform, 'echo');
  });
  afterAll(async () => {
    await cancelTask(platform, running);
    await ground[Symbol.asyncDispose]();
  });

  it('takes no more tasks, says when to try again, and keeps nothing of what was sent', async () => {
    const files = [{ name: 'a.txt', bytes: 'text' }];

    const answers = [
      await postTask(platform, 'echo'),
      await postTask(platform, 'copies', { files, options: { names: ['b.txt'] } }),
    ];

    for (const answer of answers) {
      expect(answer.headers.get('retry-after')).toBe('10');
      await expect(problemOf(answer)).resolves.toMatchObject(FULL);
    }
    expect((await listTasks(platform)).data).toHaveLength(1 + LIMIT);
    expect((await listFiles(platform)).data).toEqual([]);
  });

  it('takes one again when there is room, and no more than one', async () => {
    const [waiting] = (await listTasks(platform, '?status=pending')).data;
    await cancelTask(platform, String(waiting?.task_id));

    await until(async () => (await postTask(platform, 'echo')).status === 202, { describe: 'there is room' });

    await expect(problemOf(await postTask(platform, 'echo'))).resolves.toMatchObject(FULL);
  });
});
