import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';
import { createTask, finishedTask, listTasks, readTask, type TaskDocument, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';

/** The simplest ground, and the one that differs most. */
const GROUNDS = COMBINATIONS.filter(({ name }) => /SQLite and the embedded|PostgreSQL and Bull/.test(name));

/** Bytes; a run takes about a tenth of that in milliseconds. */
const SIZES = [60, 250, 1_000, 2_000];
const TASKS = 500;

interface Asked {
  readonly id: string;
  readonly at: number;
  readonly p50: number;
  readonly p90: number;
}

describe.each(GROUNDS)('estimates on $name', (combination) => {
  let grounded: Grounded;
  let platform: Platform;
  let inputs: string[];

  beforeAll(async () => {
    grounded = await startOn(combination, { env: { WORKER_CONCURRENCY: '4' } });
    platform = grounded.platform;
    inputs = [];
    for (const size of SIZES) inputs.push((await upload(platform, `${size}.txt`, 'x'.repeat(size))).file_id);
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const dawdle = (index: number, tool = 'dawdle'): Promise<TaskDocument> =>
    createTask(platform, tool, { inputs: [inputs[index % inputs.length] ?? ''] });
  const plan = async (tool: string, index: number) => {
    const body = { inputs: [inputs[index] ?? ''] };
    const answer = await platform.postJson(`/api/v1/tools/${tool}/plan`, body);
    return JSON.parse(await answer.text()).estimate;
  };
  const ask = async (index: number): Promise<Asked | undefined> => {
    const { task_id: id } = await dawdle(index);
    const { queue } = await readTask(platform, id);
    return queue?.eta_seconds ? { id, at: Date.now(), ...queue.eta_seconds } : undefined;
  };

  const doesNothingWait = async (): Promise<boolean> => {
    for (const status of ['pending', 'processing'])
      if ((await listTasks(platform, `?status=${status}&limit=1`)).data.length > 0) return false;
    return true;
  };
  /** Asked for by one client, because thousands who ask slow down what they wait for. */
  const nothingWaits = async (): Promise<void> => {
    await until(doesNothingWait, { describe: 'no task waits', timeoutMs: 50_000 });
  };
  const finishTimes = async (): Promise<Map<string, number>> => {
    const text = await (await platform.get('/api/v1/tasks/export?format=ndjson')).text();
    const tasks = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TaskDocument);
    return new Map(tasks.map(({ task_id, finished_at }) => [task_id, Date.parse(finished_at ?? '')]));
  };

  it('are none for a tool that never ran', async () => {
    expect(await plan('dawdle', 0)).toEqual({ run_seconds: null, eta_seconds: null });
  });

  it('hold for nine of ten tasks of mixed size', async () => {
    const first = await Promise.all(Array.from({ length: 160 }, (_, index) => dawdle(index)));
    await nothingWaits();
    expect(first).toHaveLength(160);
    await until(async () => (await plan('dawdle', 0)).run_seconds, { describe: 'the runs are remembered' });

    const asked: Asked[] = [];
    for (let index = 0; index < TASKS; index += 4) {
      const some = await Promise.all([0, 1, 2, 3].map((more) => ask(index + more)));
      asked.push(...some.filter((one) => one !== undefined));
    }
    await nothingWaits();
    const ends = await finishTimes();
    const outcomes = asked.map(({ id, at, ...quantiles }) => ({
      seconds: ((ends.get(id) ?? 0) - at) / 1_000,
      ...quantiles,
    }));
    const share = (held: (outcome: (typeof outcomes)[number]) => boolean) =>
      outcomes.filter(held).length / outcomes.length;
    const [tightness = Infinity] = outcomes
      .map(({ seconds, p90 }) => p90 / Math.max(seconds, 0.001))
      .toSorted((one, other) => one - other)
      .slice(Math.floor(outcomes.length / 2));

    expect(outcomes.length).toBeGreaterThan(TASKS * 0.9);
    expect(share(({ seconds, p90 }) => seconds <= p90)).toBeGreaterThanOrEqual(0.85);
    expect(share(({ seconds, p50 }) => seconds >= p50 / 2 && seconds <= p50 * 2)).toBeGreaterThanOrEqual(0.6);
    // Nobody is helped by an hour that holds.
    expect(tightness).toBeLessThan(3);
  });

  it('tell larger files from small ones', async () => {
    const [small, large] = [await plan('dawdle', 0), await plan('dawdle', 3)];

    expect(large.run_seconds.p50).toBeGreaterThan(0.1);
    expect(small.run_seconds.p50).toBeLessThan(large.run_seconds.p50 / 2);
  });

  it('say when to ask again, and that only the tool is busy', async () => {
    await finishedTask(platform, (await dawdle(3, 'lone-dawdle')).task_id);
    await until(async () => (await plan('lone-dawdle', 3)).run_seconds, {
      describe: 'the run is remembered',
      timeoutMs: 15_000,
    });
    const tasks = [];
    for (let count = 0; count < 60; count++) tasks.push(await dawdle(3, 'lone-dawdle'));
    const last = tasks.at(-1)?.task_id ?? '';

    const reason = await until(async () => (await readTask(platform, last)).status_reason, {
      describe: 'the reason is known',
      timeoutMs: 15_000,
    });
    const eta = await until(async () => (await readTask(platform, last)).queue?.eta_seconds, {
      describe: 'an estimate is known',
      timeoutMs: 15_000,
    });
    const answer = await platform.get(`/api/v1/tasks/${last}`);

    expect(reason).toBe('tool_limit');
    expect(eta.p50).toBeGreaterThan(2);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    await platform.post('/api/v1/tasks/cancel?tool=lone-dawdle');
  });
});

describe('the reason why a task waits', () => {
  it('is user_limit when its owner has as many runs as they may', async () => {
    const [combination] = GROUNDS;
    if (!combination) throw new Error('There is no ground.');
    await using grounded = await startOn(combination, { env: { USER_CONCURRENCY: '1', WORKER_CONCURRENCY: '4' } });
    const { platform } = grounded;
    await createTask(platform, 'echo', { options: { delay_ms: 600_000 } });
    const { task_id } = await createTask(platform, 'echo');

    await until(async () => (await readTask(platform, task_id)).status_reason === 'user_limit', {
      describe: 'the reason is user_limit',
    });
    await platform.post('/api/v1/tasks/cancel?tool=echo');
  });

  it('is no_worker when there is none', async () => {
    const combination = COMBINATIONS.find(({ database, queue }) => database === 'sqlite' && queue === 'bull');
    if (!combination) throw new Error('There is no such ground.');
    await using grounded = await startOn(combination, { roles: ['api'] });
    const { task_id } = await createTask(grounded.platform, 'echo');

    const { status_reason, queue } = await readTask(grounded.platform, task_id);
    expect({ status_reason, queue }).toEqual({
      status_reason: 'no_worker',
      queue: { position: 0, eta_seconds: null },
    });

    await grounded.platform.start('worker');
    await finishedTask(grounded.platform, task_id);
  });
});
