import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Claimable, LEASE_MS, TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { type Lease, TaskStore } from '../../src/tasks/task.store.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, pendingTask } from './task.rows.js';

const WORKER = 'worker:1';

const seconds = (from: Date, number: number) => new Date(from.getTime() + number * 1_000);
const lease = (task: Task): Lease => ({ id: task.id, attempt: task.attempt, leaseOwner: task.leaseOwner ?? '' });

describe.each(DATABASES)('the claims of workers on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: TaskStore;
  let claims: TaskClaims;
  /** Of another process. */
  let otherClaims: TaskClaims;

  beforeAll(async () => {
    ground = await prepare();
    store = new TaskStore(ground.database);
    claims = new TaskClaims(ground.database);
    otherClaims = new TaskClaims(await ground.open());
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
  const running = (leaseOwner: string, members: Partial<Task> = {}) =>
    insert({ status: 'processing', attempt: 1, leaseOwner, leaseExpiresAt: new Date(0), ...members });
  const read = ({ id }: Task) => store.find(id);
  const claimAll = async (claimable: Claimable = ECHO): Promise<string[]> => {
    const ids = [];
    for (let task = await claims.claim(WORKER, claimable); task; task = await claims.claim(WORKER, claimable))
      ids.push(task.id);
    return ids;
  };

  describe('a claim', () => {
    it('takes a waiting task for this worker and this attempt, until its lease ends', async () => {
      const now = new Date();
      const task = await insert({ statusReason: 'retry_at', attempt: 1, progressRatio: 0.5, progressMessage: 'Half' });

      const claimed = await claims.claim(WORKER, ECHO, now);

      expect(claimed).toStrictEqual({
        ...task,
        status: 'processing',
        statusReason: null,
        attempt: 2,
        progressRatio: 0,
        progressMessage: null,
        leaseOwner: WORKER,
        leaseExpiresAt: new Date(now.getTime() + LEASE_MS),
        startedAt: now,
      });
      await expect(read(task)).resolves.toStrictEqual(claimed);
    });

    it('answers nothing when nothing waits', async () => {
      for (const status of ['processing', 'completed', 'failed', 'cancelled'] as const) await insert({ status });

      await expect(claims.claim(WORKER, ECHO)).resolves.toBeUndefined();
    });

    it('takes the higher priority first, and then the older', async () => {
      const [low, first, second, high] = [
        await insert({ priority: -1 }),
        await insert(),
        await insert(),
        await insert({ priority: 5 }),
      ];

      await expect(claimAll()).resolves.toEqual([high, first, second, low].map(({ id }) => id));
    });

    it('leaves a task that may not be taken yet', async () => {
      const now = new Date();
      const later = await insert({ availableAt: seconds(now, 1), priority: 9 });
      const exactly = await insert({ availableAt: now });

      await expect(claims.claim(WORKER, ECHO, now)).resolves.toMatchObject({ id: exactly.id });
      await expect(claims.claim(WORKER, ECHO, now)).resolves.toBeUndefined();
      await expect(claims.claim(WORKER, ECHO, seconds(now, 1))).resolves.toMatchObject({ id: later.id });
    });

    it('takes only tasks of the tools that it is asked for', async () => {
      const [a, b, c] = [await insert({ tool: 'a' }), await insert({ tool: 'b' }), await insert({ tool: 'c' })];

      await expect(claimAll({ tools: [] })).resolves.toEqual([]);
      await expect(claimAll({ tools: ['c', 'd'] })).resolves.toEqual([c.id]);
      await expect(claimAll({ tools: ['b', 'c', 'd'] })).resolves.toEqual([b.id]);
      await expect(claimAll({ tools: ['a'] })).resolves.toEqual([a.id]);
    });

    it('leaves the tasks of owners who have as many running as they may, and takes those of others', async () => {
      const limited = { ...ECHO, userConcurrency: 2 };
      const mine = [await insert(), await insert(), await insert(), await insert()];
      const theirs = await insert({ owner: 'another' });
      await running('worker:2', { owner: 'another' });
      await insert({ owner: 'a third', status: 'completed' });

      await expect(claimAll(limited)).resolves.toEqual([mine[0]?.id, theirs.id, mine[1]?.id]);
      await ground.database.change(`update task set status = 'completed' where id = ?`, [mine[0]?.id]);
      await expect(claimAll(limited)).resolves.toEqual([mine[2]?.id]);
      await expect(claimAll()).resolves.toEqual([mine[3]?.id]);
    });

    it('never gives an owner more than the limit, however many ask at once', async () => {
      const limited = { ...ECHO, userConcurrency: 3 };
      for (const owner of ['ann', 'ben']) for (let index = 0; index < 20; index++) await insert({ owner });

      const claimed = await Promise.all(
        Array.from({ length: 30 }, (_, index) => (index % 2 ? claims : otherClaims).claim(`worker:${index}`, limited)),
      );

      const owners = claimed.flatMap((task) => task?.owner ?? []);
      expect(owners.toSorted()).toEqual(['ann', 'ann', 'ann', 'ben', 'ben', 'ben']);
    });

    it('gives each task to one worker only, however many ask at once', async () => {
      const tasks = await Promise.all(Array.from({ length: 50 }, () => insert()));

      const claimed = await Promise.all(
        tasks.map((_, index) => (index % 2 ? claims : otherClaims).claim(`worker:${index % 7}`, ECHO)),
      );

      const ids = claimed.map((task) => task?.id);
      expect(new Set(ids)).toEqual(new Set(tasks.map(({ id }) => id)));
      expect(ids).toHaveLength(50);
      await expect(claims.claim(WORKER, ECHO)).resolves.toBeUndefined();
      const found = await Promise.all(tasks.map(read));
      expect(found.map((task) => task?.attempt)).toEqual(tasks.map(() => 1));
    });

    it('gives nothing twice when more ask than wait', async () => {
      await Promise.all(Array.from({ length: 10 }, () => insert()));

      const claimed = await Promise.all(
        Array.from({ length: 60 }, (_, index) => (index % 2 ? claims : otherClaims).claim(`worker:${index}`, ECHO)),
      );

      const ids = claimed.flatMap((task) => task?.id ?? []);
      expect(ids).toHaveLength(10);
      expect(new Set(ids).size).toBe(10);
    });
  });

  describe('a renewal', () => {
    it('puts off the end of the leases, and names those that this worker still has', async () => {
      const now = new Date();
      const [mine, also, theirs, cancelled, gone] = [
        await running(WORKER),
        await running(WORKER),
        await running('worker:2'),
        await running(WORKER, { status: 'cancelled' }),
        pendingTask(),
      ];

      const kept = await claims.renew(
        WORKER,
        [mine, also, theirs, cancelled, gone].map(({ id }) => id),
        now,
      );

      expect(new Set(kept)).toEqual(new Set([mine.id, also.id]));
      expect((await read(mine))?.leaseExpiresAt).toEqual(new Date(now.getTime() + LEASE_MS));
      await expect(read(theirs)).resolves.toEqual(theirs);
      await expect(read(cancelled)).resolves.toEqual(cancelled);
    });

    it('leaves the tasks that it is not asked for', async () => {
      const [asked, other] = [await running(WORKER), await running(WORKER)];

      await expect(claims.renew(WORKER, [asked.id])).resolves.toEqual([asked.id]);

      await expect(read(other)).resolves.toEqual(other);
    });
  });

  describe('the progress of a run', () => {
    it('is written as long as the run is its own', async () => {
      const task = await insert({ status: 'processing', attempt: 2, leaseOwner: WORKER });

      await claims.progress(lease(task), 0.25, 'A quarter');

      await expect(read(task)).resolves.toEqual({ ...task, progressRatio: 0.25, progressMessage: 'A quarter' });
    });

    it('is not written by an earlier attempt, another worker, or after the end', async () => {
      const task = await insert({ status: 'processing', attempt: 2, leaseOwner: WORKER });
      const ended = await insert({ status: 'cancelled', attempt: 2, leaseOwner: WORKER });

      await claims.progress({ ...lease(task), attempt: 1 }, 0.25, null);
      await claims.progress({ ...lease(task), leaseOwner: 'worker:2' }, 0.25, null);
      await claims.progress(lease(ended), 0.25, null);

      await expect(read(task)).resolves.toEqual(task);
      await expect(read(ended)).resolves.toEqual(ended);
    });
  });

  describe('the search for what got lost', () => {
    it('finds running tasks whose lease has ended, the longest ended first', async () => {
      const now = new Date();
      const leased = (leaseExpiresAt: Date, members: Partial<Task> = {}) =>
        insert({ status: 'processing', leaseOwner: WORKER, leaseExpiresAt, ...members });
      const recent = await leased(seconds(now, -1));
      const old = await leased(seconds(now, -9));
      await leased(now);
      await leased(seconds(now, 1));
      await leased(seconds(now, -5), { status: 'cancelled' });
      await insert();

      await expect(claims.lost(10, now)).resolves.toMatchObject([{ id: old.id }, { id: recent.id }]);
      await expect(claims.lost(1, now)).resolves.toMatchObject([{ id: old.id }]);
    });

    it('finds tasks that wait for long, in the order in which they would be claimed', async () => {
      const now = new Date();
      const [old, important] = [
        await insert({ availableAt: seconds(now, -20) }),
        await insert({ availableAt: seconds(now, -10), priority: 1 }),
      ];
      await insert({ availableAt: seconds(now, -5) });
      await insert({ availableAt: seconds(now, -30), status: 'processing' });

      await expect(claims.waiting(seconds(now, -9), 10)).resolves.toMatchObject([{ id: important.id }, { id: old.id }]);
      await expect(claims.waiting(seconds(now, -9), 1)).resolves.toMatchObject([{ id: important.id }]);
    });
  });

  describe('the purge', () => {
    it('removes what expired tasks answered, once, and keeps the rows', async () => {
      const now = new Date();
      const finished = { status: 'completed' as const, data: { secret: 1 }, options: { text: 'secret' }, tag: 'tag' };
      const expired = await insert({ ...finished, expiresAt: seconds(now, -1) });
      const fresh = await insert({ ...finished, expiresAt: seconds(now, 1) });
      const waiting = await insert({ options: { a: 1 } });

      await expect(claims.purge(now)).resolves.toBe(1);
      await expect(claims.purge(seconds(now, 0.5))).resolves.toBe(0);

      await expect(read(expired)).resolves.toEqual({ ...expired, data: null, options: {}, purgedAt: now });
      await expect(read(fresh)).resolves.toEqual(fresh);
      await expect(read(waiting)).resolves.toEqual(waiting);
    });
  });
});
