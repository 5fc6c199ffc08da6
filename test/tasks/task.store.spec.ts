import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import { Task } from '../../src/tasks/task.entity.js';
import { TASK_STATUSES } from '../../src/tasks/task.status.js';
import { type Lease, MOST_COUNTED, type TaskChange, TaskStore } from '../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, OWNER, pendingTask } from './task.rows.js';

const WORKER = 'worker:1';
const ROUNDS = 200;

const lease = ({ id, attempt, leaseOwner }: Task): Lease => ({ id, attempt, leaseOwner: leaseOwner ?? '' });

const file = () => ({ file_id: crypto.randomUUID(), name: 'a', type: 'text/plain', size: 1, sha256: 'ab' });

/** One round: the moves of two processes, now this one first and now the other. */
const race = async (round: number, cancel: () => Promise<boolean>, settle: () => Promise<boolean>) => {
  if (round % 2 === 0) return Promise.all([cancel(), settle()]);
  return (await Promise.all([settle(), cancel()])).toReversed();
};

describe.each(DATABASES)('the rows of tasks on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: TaskStore;
  /** Of another process. */
  let otherStore: TaskStore;

  beforeAll(async () => {
    ground = await prepare();
    store = new TaskStore(ground.database);
    otherStore = new TaskStore(await ground.open());
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const insert = async (members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask(members);
    await store.insert(task);
    return task;
  };
  const running = (members: Partial<Task> = {}) =>
    insert({ status: 'processing', attempt: 1, leaseOwner: WORKER, leaseExpiresAt: new Date(), ...members });
  const read = ({ id }: Task) => store.find(id);

  const listed = async (...[owner, filter, limit, after]: Parameters<TaskStore['list']>) =>
    (await store.list(owner, filter, limit, after)).map(({ id }) => id);

  it('come back whole', async () => {
    const named = { ...file(), name: 'ключ 🔑.txt', size: 2 ** 40 };
    const task = await insert({
      options: { a: [1, null, { b: '"' }] },
      inputs: [named],
      outputs: [named, named],
      data: 'a text',
      error: {
        type: 'tool_error',
        code: 'tool_crashed',
        message: 'It crashed.',
        details: [],
        request_id: null,
        timestamp: '2026-11-20T00:00:00.000Z',
        retryable: false,
      },
      usage: { wall_ms: 1, cpu_ms: 2, max_rss_bytes: 3 * 1024 ** 3 },
      tag: `it's a tag?`,
      progressRatio: 0.1,
      finishedAt: new Date('2026-11-20T01:02:03.004Z'),
    });

    await expect(read(task)).resolves.toStrictEqual(task);
  });

  describe('a list', () => {
    it('has the newest first, page by page, each task once', async () => {
      const tasks = [];
      for (let index = 0; index < 7; index++) tasks.push(await insert());
      await insert({ owner: 'somebody else' });
      const newestFirst = tasks.map(({ id }) => id).toReversed();

      const first = await listed(OWNER, {}, 3);
      const second = await listed(OWNER, {}, 3, first.at(-1));
      const third = await listed(OWNER, {}, 3, second.at(-1));

      expect([...first, ...second, ...third]).toEqual(newestFirst);
      expect(third).toHaveLength(1);
    });

    it('is narrowed to what fits every filter', async () => {
      const wanted = await insert({ tool: 'a', tag: 't', status: 'completed' });
      await insert({ tool: 'b', tag: 't', status: 'completed' });
      await insert({ tool: 'a', tag: 'u', status: 'completed' });
      await insert({ tool: 'a', tag: 't' });

      await expect(listed(OWNER, { tool: 'a', tag: 't', statuses: ['completed'] }, 10)).resolves.toEqual([wanted.id]);
      await expect(listed(OWNER, { tool: 'a' }, 10)).resolves.toHaveLength(3);
      await expect(listed(OWNER, { tag: 'nothing' }, 10)).resolves.toEqual([]);
    });

    it('has the rows as they are read one by one', async () => {
      const task = await insert({ data: 'a text', options: { a: 1 }, startedAt: new Date() });

      await expect(store.list(OWNER, {}, 10)).resolves.toEqual([task]);
    });
  });

  it('tell how many tasks come before one', async () => {
    const [first, important, second] = [await insert(), await insert({ priority: 1 }), await insert()];
    await running();

    const positions = await Promise.all([important, first, second].map((task) => store.position(task)));

    expect(positions).toEqual([0, 1, 2]);
  });

  it('counts no more than a thousand of them', async () => {
    await ground.database.work(async (em) => {
      await em.insertMany(
        Task,
        Array.from({ length: MOST_COUNTED + 5 }, () => pendingTask()),
      );
    });
    const last = await insert();

    await expect(store.position(last)).resolves.toBe(MOST_COUNTED);
  });

  describe('a move', () => {
    const ALLOWED: Readonly<Record<Task['status'], readonly Task['status'][]>> = {
      pending: ['processing', 'failed', 'cancelled'],
      processing: ['pending', 'completed', 'failed', 'cancelled'],
      completed: [],
      failed: [],
      cancelled: [],
    };
    const steps = TASK_STATUSES.flatMap((from) => TASK_STATUSES.map((to) => [from, to] as const));

    it.each(steps)('from %s to %s happens only when it is allowed', async (from, to) => {
      const task = await insert({ status: from });

      const moved = await store.move(OWNER, task.id, to, { statusReason: 'moved' });

      expect(moved).toBe(ALLOWED[from].includes(to));
      await expect(read(task)).resolves.toEqual(moved ? { ...task, status: to, statusReason: 'moved' } : task);
    });

    it('is only for the owner', async () => {
      const task = await insert();

      await expect(store.move('somebody else', task.id, 'cancelled', {})).resolves.toBe(false);

      await expect(read(task)).resolves.toEqual(task);
    });
  });

  describe('a settlement', () => {
    const change: TaskChange = { data: { answer: 42 }, progressRatio: 1 };

    it('ends the run and gives up the lease', async () => {
      const task = await running();

      await expect(store.settle(lease(task), 'completed', change)).resolves.toBe(true);

      await expect(read(task)).resolves.toEqual({
        ...task,
        ...change,
        status: 'completed',
        leaseOwner: null,
        leaseExpiresAt: null,
      });
    });

    it.each([
      ['an earlier attempt', { attempt: 1 }],
      ['a later attempt', { attempt: 3 }],
      ['another worker', { leaseOwner: 'worker:2' }],
      ['nobody', { leaseOwner: '' }],
    ])('by %s changes nothing', async (_, member) => {
      const task = await running({ attempt: 2 });

      await expect(store.settle({ ...lease(task), ...member }, 'completed', change)).resolves.toBe(false);

      await expect(read(task)).resolves.toEqual(task);
    });

    it.each(['pending', 'completed', 'failed', 'cancelled'] as const)(
      'changes nothing of a %s task',
      async (status) => {
        const task = await running({ status });

        await expect(store.settle(lease(task), 'completed', change)).resolves.toBe(false);

        await expect(read(task)).resolves.toEqual(task);
      },
    );

    it('by the dead changes nothing when the task runs again elsewhere', async () => {
      const claims = new TaskClaims(ground.database);
      const task = await running();
      await store.settle(lease(task), 'pending', { availableAt: new Date(0) });
      const again = await claims.claim('worker:2', ECHO);

      const late = await store.settle(lease(task), 'completed', change);
      const current = again && (await otherStore.settle(lease(again), 'failed', {}));

      expect([late, current]).toEqual([false, true]);
      await expect(read(task)).resolves.toMatchObject({ status: 'failed', attempt: 2, data: null });
    });
  });

  describe('of two that move a task at once', () => {
    it(`one wins, whether a user cancels or a worker completes (${ROUNDS} rounds)`, async () => {
      const endings = { cancelled: 0, completed: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const task = await running();

        const [cancelled, completed] = await race(
          round,
          () => store.move(OWNER, task.id, 'cancelled', { leaseOwner: null, leaseExpiresAt: null }),
          () => otherStore.settle(lease(task), 'completed', { data: 'done' }),
        );

        const status = cancelled ? 'cancelled' : 'completed';
        expect([cancelled, completed].filter(Boolean)).toHaveLength(1);
        expect(await read(task)).toMatchObject({ status, data: cancelled ? null : 'done' });
        endings[status]++;
      }
      expect(endings.cancelled + endings.completed).toBe(ROUNDS);
      expect(Math.min(endings.cancelled, endings.completed)).toBeGreaterThan(0);
    });

    it('one wins, when both have the lease', async () => {
      for (let round = 0; round < 50; round++) {
        const task = await running();

        const won = await Promise.all([
          store.settle(lease(task), 'completed', { data: 1 }),
          otherStore.settle(lease(task), 'failed', { data: 2 }),
        ]);

        expect(won.filter(Boolean)).toHaveLength(1);
      }
    });
  });

  it('tell their ids without their data', async () => {
    const made = [await insert({ data: 'x'.repeat(1_000) }), await insert({ tag: 'b' }), await insert({ owner: 'b' })];
    const rows = jest.spyOn(ground.database, 'query');

    const [first, second] = made.map(({ id }) => id);
    await expect(store.listIds(OWNER, {}, 10)).resolves.toEqual([second, first]);
    await expect(store.listIds(OWNER, {}, 1)).resolves.toEqual([second]);
    await expect(store.listIds(OWNER, { tag: 'b' }, 10)).resolves.toEqual([second]);
    expect(JSON.stringify(await Promise.all(rows.mock.results.map(({ value }) => value)))).not.toContain('xxx');
    rows.mockRestore();
  });

  it('tell outputs that another task has, too, and read none of these tasks', async () => {
    const [shared, own] = [[file(), file()], [file()]];
    const done = { status: 'completed' as const, cacheKey: 'key', data: 'x'.repeat(1_000) };
    const [first, again, anew] = [
      await insert({ ...done, outputs: shared }),
      await insert({ ...done, outputs: shared, cacheHit: true }),
      await insert({ ...done, outputs: own }),
    ];
    const rows = jest.spyOn(ground.database, 'query');

    await expect(store.outputsOfItsOwn(first)).resolves.toEqual([]);
    await expect(store.outputsOfItsOwn(anew)).resolves.toEqual(own);
    await expect(store.outputsOfItsOwn({ ...first, owner: 'another' })).resolves.toEqual(shared);
    expect(JSON.stringify(await Promise.all(rows.mock.results.map(({ value }) => value)))).not.toContain('xxx');
    rows.mockRestore();

    await store.remove(OWNER, again.id);
    await expect(store.outputsOfItsOwn(first)).resolves.toEqual(shared);
  });

  it('are gone when they are removed, by their owner only', async () => {
    const task = await insert();

    await expect(store.remove('somebody else', task.id)).resolves.toBe(false);
    await expect(store.remove(OWNER, task.id)).resolves.toBe(true);
    await expect(store.remove(OWNER, task.id)).resolves.toBe(false);

    await expect(read(task)).resolves.toBeUndefined();
  });
});
