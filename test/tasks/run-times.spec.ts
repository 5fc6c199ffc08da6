import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectedStarts, type RunLimits } from '../../src/tasks/estimates/queue.forecast.js';
import type { QueuePicture } from '../../src/tasks/estimates/queue.snapshot.js';
import { sizeClass, startOfClass, timeClass } from '../../src/tasks/estimates/run-time.classes.js';
import { RunTimeHistory } from '../../src/tasks/estimates/run-time.history.js';
import { RunTimeStore } from '../../src/tasks/estimates/run-time.store.js';
import { RunTimes } from '../../src/tasks/estimates/run-times.js';
import { WorkerStore } from '../../src/tasks/estimates/worker.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';

const count = (tool: string, bytes: number, ms: number, runs = 10) => ({
  tool,
  sizeClass: sizeClass(bytes),
  timeClass: timeClass(ms),
  runs,
});

const times = (...ms: number[]) => new RunTimes(new Map(ms.map((one) => [timeClass(one), 1])));
const task = (tool: string, owner = 'a') => ({ tool, owner, inputBytes: 0, priority: 5 });

describe('classes', () => {
  it('of sizes double', () => {
    expect([0, 1, 2, 3, 4, 1_023, 1_024, 5 * 1024 ** 3].map(sizeClass)).toEqual([0, 1, 2, 2, 3, 10, 11, 33]);
  });

  it('of times are a quarter wide at most, and have no gap', () => {
    for (const ms of [1, 1.3, 2, 7, 99, 1_000, 12_345, 86_399_999]) {
      const [from, to] = [startOfClass(timeClass(ms)), startOfClass(timeClass(ms) + 1)];

      expect(ms).toBeGreaterThanOrEqual(from);
      expect(ms).toBeLessThan(to);
      expect(to / from).toBeLessThanOrEqual(1.25);
    }
    expect([0, -5, 0.2].map(timeClass)).toEqual([0, 0, 0]);
    expect(timeClass(1e12)).toBe(timeClass(86_400_000));
  });
});

describe('run times', () => {
  it('know the quantiles and the mean, as far as classes tell them', () => {
    const even = times(10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120);

    expect(even.quantile(0.5)).toBeGreaterThanOrEqual(160);
    expect(even.quantile(0.5)).toBeLessThanOrEqual(200);
    expect(even.quantile(0.9)).toBeLessThanOrEqual(3_200);
    expect(even.mean / 1_023).toBeGreaterThan(0.9);
    expect(even.mean / 1_023).toBeLessThan(1.3);
  });

  it('know what is left of a run that has lasted so long', () => {
    const two = times(100, 1_000);

    expect(two.leftAfter(0).mean).toBeGreaterThan(500);
    expect(two.leftAfter(500).mean).toBeGreaterThan(390);
    expect(two.leftAfter(500).mean).toBeLessThan(525);
    expect(two.leftAfter(5_000).mean).toBe(5_000);
  });

  it('are those of inputs of the same size, or else of the next ones', () => {
    const history = new RunTimeHistory([count('a', 1_000, 10), count('a', 1_000_000, 5_000), count('b', 0, 77, 2)]);

    expect(history.of('a', 900)?.mean).toBeLessThan(15);
    expect(history.of('a', 900_000)?.mean).toBeGreaterThan(4_000);
    expect(history.of('a', 1_500_000)?.mean).toBeGreaterThan(4_000);
    expect(history.of('b', 1_000)?.runs).toBe(2);
    expect(history.of('c', 1_000)).toBeUndefined();
    expect(new RunTimeHistory([]).all).toBeUndefined();
  });
});

describe('a forecast', () => {
  const NO_LIMITS: RunLimits = { ofTool: () => Infinity, ofOwner: Infinity };
  const history = new RunTimeHistory([count('slow', 0, 1_100), count('fast', 0, 100)]);
  const picture = (slots: number, waiting: QueuePicture['waiting'], running: QueuePicture['running'] = []) => ({
    at: 10_000,
    workers: 1,
    slots,
    running,
    waiting,
    history,
  });
  const starts = (from: QueuePicture, limits = NO_LIMITS): number[] =>
    (expectedStarts(from, limits) ?? []).map(({ mean }) => Math.round(mean / 100));

  it('fills one place after the other', () => {
    expect(starts(picture(1, [task('slow'), task('fast'), task('slow')]))).toEqual([0, 12, 13, 24]);
    expect(starts(picture(2, [task('slow'), task('fast'), task('fast'), task('slow')]))).toEqual([0, 0, 1, 2, 12]);
  });

  it('knows that what runs has run for a while', () => {
    const running = [{ ...task('slow'), startedAt: 9_500 }];

    expect(starts(picture(1, [task('fast')], running))).toEqual([7, 8]);
  });

  it('lets others go ahead of a tool, or an owner, at its limit', () => {
    const waiting = [task('slow'), task('slow'), task('fast')];

    expect(starts(picture(2, waiting), { ...NO_LIMITS, ofTool: (tool) => (tool === 'slow' ? 1 : 9) })).toEqual([
      0, 12, 0, 1,
    ]);
    const owners = [task('slow', 'a'), task('slow', 'a'), task('fast', 'b')];
    expect(starts(picture(2, owners), { ...NO_LIMITS, ofOwner: 1 })).toEqual([0, 12, 0, 1]);
  });

  it('is none when nothing ever ran', () => {
    const unknown = { ...picture(1, [task('slow')]), history: new RunTimeHistory([]) };

    expect(expectedStarts(unknown, NO_LIMITS)).toBeUndefined();
  });
});

describe.each(DATABASES)('the rows of estimates on $name', ({ prepare }) => {
  let ground: TestDatabase;
  beforeAll(async () => {
    ground = await prepare();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  it('add runs up, and let old ones fade', async () => {
    const store = new RunTimeStore(ground.database);
    await store.add([count('a', 10, 5, 100)]);
    await store.add([count('a', 10, 5, 10), count('a', 10, 500, 90)]);
    await store.add([count('a', 99, 5, 1)]);
    await store.add([]);

    const all = (await store.all()).toSorted((one, other) => one.runs - other.runs);
    expect(all.map(({ runs }) => Math.round(runs))).toEqual([1, 71, 90]);

    for (let round = 0; round < 10; round++) await store.add([count('a', 10, 900, 300)]);
    expect((await store.all()).filter(({ timeClass: time }) => time === timeClass(5))).toHaveLength(1);
  });

  it('count workers that were heard of', async () => {
    const workers = new WorkerStore(ground.database);
    expect(await workers.alive()).toEqual({ workers: 0, slots: 0 });
    await workers.beat('one', 2);
    await workers.beat('one', 3);
    await workers.beat('two', 4);
    expect(await workers.alive()).toEqual({ workers: 2, slots: 7 });

    await ground.database.change('update worker set seen_at = ? where id = ?', [new Date(0), 'one']);
    expect(await workers.alive()).toEqual({ workers: 1, slots: 4 });
    await workers.beat('two', 4);
    await workers.remove('two');
    expect(await ground.database.query('select id from worker', [])).toEqual([]);
  });
});
