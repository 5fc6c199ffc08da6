import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { picture } from '../files/detection/samples.js';
import type { Platform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import { cancelTask, createTask, finishedTask, readTask } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { launchersPerTool, sandboxProcesses, toolProcesses } from './traces.js';

const SHARED = COMBINATIONS.filter(({ queue }) => queue === 'bull');

describe.each(SHARED)('an api and a worker in processes of their own on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    ground = await startOn(combination, { roles: ['api', 'worker'] });
    platform = ground.platform;
  });

  afterAll(() => ground[Symbol.asyncDispose]());

  it('do the main job together', async () => {
    const files = [{ name: 'photo.jpg', bytes: await picture('jpeg', 200) }];
    const { task_id } = await createTask(platform, 'image-convert', { files, options: { format: 'webp', width: 50 } });

    const task = await finishedTask(platform, task_id);
    const result = await platform.get(`/api/v1/tasks/${task_id}/result`);

    expect(task).toMatchObject({ status: 'completed', outputs: [{ name: 'photo.webp', type: 'image/webp' }] });
    expect((await result.arrayBuffer()).byteLength).toBe(task.outputs[0]?.size);
    expect(platform.process('api').descendants()).toEqual([]);
    const worker = platform.process('worker');
    const tools = toolProcesses(platform, 'image');
    expect(worker.descendants()).toEqual(sandboxProcesses(platform, 'image'));
    expect(tools.length).toBeGreaterThan(0);
    expect(worker.descendants()).toHaveLength(tools.length * (1 + (await launchersPerTool(worker))));
  });

  it('end what one of them cancels and the other runs, though it is busy, within two seconds', async () => {
    const { task_id } = await createTask(platform, 'burn');
    await until(async () => (await readTask(platform, task_id)).progress.message === 'Burning', {
      describe: 'the tool burns',
    });
    const before = toolProcesses(platform, 'workshop');

    const answers = await Promise.all(Array.from({ length: 5 }, () => cancelTask(platform, task_id)));
    await until(() => sandboxProcesses(platform, 'workshop').length === 0, {
      timeoutMs: onBusyMachine(2_000),
      describe: 'the process of the tool is gone',
    });
    await until(() => platform.logs().includes(`"task_id":"${task_id}"`), { describe: 'the worker has let go of it' });

    expect(before).toHaveLength(1);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 'cancelled', attempt: 1 });
    await expect(readTask(platform, task_id)).resolves.toEqual(answers[0]);
  });

  it('take what is cancelled while it waits out of the queue', async () => {
    const redis = new Redis(ground.env['REDIS_URL'] ?? '');
    const rings = () => redis.keys('toolyard:tasks:*-*-*-*-*');
    await platform.process('worker').stop();
    const [cancelled, kept] = [await createTask(platform, 'echo'), await createTask(platform, 'echo')];
    const before = await rings();

    await cancelTask(platform, cancelled.task_id);
    const after = await rings();
    await platform.process('worker').start();
    await finishedTask(platform, kept.task_id);
    redis.disconnect();

    expect([before.length, after.length]).toEqual([2, 1]);
    expect(after[0]).toContain(kept.task_id);
    await expect(readTask(platform, cancelled.task_id)).resolves.toMatchObject({ status: 'cancelled', attempt: 0 });
  });

  it('tell of themselves, the worker only to those who watch it', async () => {
    const { url } = platform.process('worker');

    const [health, ready, metrics, tasks] = await Promise.all(
      ['/health', '/ready', '/metrics', '/api/v1/tasks'].map((path) => fetch(url + path)),
    );

    expect([health?.status, ready?.status, metrics?.status, tasks?.status]).toEqual([200, 200, 200, 404]);
  });
});
