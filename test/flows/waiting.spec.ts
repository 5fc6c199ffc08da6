import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import { cancelTask, createTask, finishedTask, readTask } from './client.js';
import { type Grounded, startOn } from './grounds.js';

const WHERE = COMBINATIONS.filter(
  ({ name }) => name.startsWith('SQLite and the') || name.startsWith('PostgreSQL and B'),
);

/** Nobody who waits is let go only because it is over. */
const LONG_GRACE_MS = '60000';

describe.each(WHERE)('waiting for a task on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;

  beforeAll(async () => {
    const roles = combination.queue === 'bull' ? (['api', 'worker'] as const) : (['all'] as const);
    ground = await startOn(combination, { roles, env: { SHUTDOWN_GRACE_MS: LONG_GRACE_MS } });
    platform = ground.platform;
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const create = (options: object, headers: Record<string, string>) =>
    platform.postJson('/api/v1/tools/echo/process', { options }, headers);
  const wait = (id: string, seconds: number, headers: Record<string, string> = {}) =>
    platform.get(`/api/v1/tasks/${id}`, { headers: { prefer: `wait=${seconds}`, ...headers } });

  it('answers a creation with the finished task', async () => {
    const response = await create({ message: 'now' }, { prefer: 'wait=20' });

    const task = JSON.parse(await response.text());
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=20');
    expect(response.headers.get('location')).toBe(`/api/v1/tasks/${task.task_id}`);
    expect(response.headers.has('retry-after')).toBe(false);
    expect(task).toEqual(await readTask(platform, task.task_id));
    expect(task).toMatchObject({ status: 'completed', data: { message: 'now' } });
  });

  it('answers a creation that takes longer with the task as it is by then', async () => {
    const started = performance.now();
    const response = await create({ delay_ms: 60_000 }, { prefer: 'wait=1' });
    const elapsed = performance.now() - started;

    const task = JSON.parse(await response.text());
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('wait=1');
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(task.status).toBe('processing');
    expect(elapsed).toBeGreaterThan(900);
    expect(elapsed).toBeLessThan(onBusyMachine(3_000));
    await cancelTask(platform, task.task_id);
  });

  it('does not wait when nobody prefers it, or nobody can tell for how long', async () => {
    for (const headers of [{}, { prefer: 'wait=soon' }, { prefer: 'respond-async' }]) {
      const response = await create({}, headers as Record<string, string>);

      expect(response.status).toBe(202);
      expect(response.headers.has('preference-applied')).toBe(false);
    }
  });

  it('lets whoever repeats a creation wait for the same task', async () => {
    const headers = { prefer: 'wait=20', 'idempotency-key': randomUUID() };

    const [first, again] = [await create({ message: 'once' }, headers), await create({ message: 'once' }, headers)];

    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.text()).toBe(await first.text());
  });

  it('answers many who wait for one task when it ends, and not before', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 60_000 } });
    let answered = 0;
    const answers = Array.from({ length: 50 }, async () => {
      const response = await wait(task_id, 25);
      answered += 1;
      return { status: response.status, at: performance.now(), task: JSON.parse(await response.text()) };
    });
    await until(async () => (await readTask(platform, task_id)).status === 'processing', { describe: 'it runs' });
    const early = answered;

    await cancelTask(platform, task_id);
    const cancelled = performance.now();
    const found = await Promise.all(answers);

    expect(early).toBe(0);
    for (const { status, task, at } of found) {
      expect([status, task.status]).toEqual([200, 'cancelled']);
      expect(at - cancelled).toBeLessThan(onBusyMachine(1_000));
    }
  });

  it('is over at once for a task that has finished, and says so when the client has it already', async () => {
    const { task_id } = await createTask(platform, 'echo');
    await finishedTask(platform, task_id);

    const first = await wait(task_id, 25);
    const etag = first.headers.get('etag') ?? '';
    const again = await wait(task_id, 25, { 'if-none-match': etag });

    expect([first.status, again.status]).toEqual([200, 304]);
    expect(first.headers.get('preference-applied')).toBe('wait=25');
  });

  it('tells nothing of tasks that are not there', async () => {
    const response = await wait(randomUUID(), 25);

    expect([response.status, JSON.parse(await response.text()).error.code]).toEqual([404, 'task_not_found']);
  });

  it('ends when the server is asked to stop', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 60_000 } });
    const api = platform.processes[0];
    const answer = wait(task_id, 25);
    await until(async () => (await readTask(platform, task_id)).status === 'processing', { describe: 'it runs' });

    const started = performance.now();
    const stopping = api?.stop();
    const { status } = await answer;
    const elapsed = performance.now() - started;
    // The task would keep it for the whole grace.
    await api?.kill();
    await stopping;

    expect(status).toBe(200);
    expect(elapsed).toBeLessThan(onBusyMachine(2_000));
  });
});
