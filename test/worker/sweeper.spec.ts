import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { secondRingId } from '../../src/tasks/task.ring.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { Settlement } from '../../src/worker/settlement.js';
import { Sweeper } from '../../src/worker/sweeper.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { OWNER, pendingTask } from '../tasks/task.rows.js';
import { filesOf, type TestFiles } from './files.js';
import { RecordingQueue } from './recording.queue.js';

const HOUR = 3_600_000;

const before = (ms: number) => new Date(Date.now() - ms);

describe.each(DATABASES)('the sweeper on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let store: TaskStore;
  let queue: RecordingQueue;
  let sweeper: Sweeper;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ground = await prepare();
    files = await filesOf(ground);
    store = new TaskStore(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    await ground.database.change('delete from file', []);
    queue = new RecordingQueue();
    const claims = new TaskClaims(ground.database);
    sweeper = new Sweeper(claims, new Settlement(store, files.service, queue), files.service, queue);
  });
  afterEach(() => sweeper.onApplicationShutdown());
  afterAll(() => ground[Symbol.asyncDispose]());

  const insert = async (members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask(members);
    await store.insert(task);
    return task;
  };
  const remaining = async () => ground.database.query(`select id from task where status = 'processing'`, []);
  const read = ({ id }: Task) => store.find(OWNER, id);
  const abandoned = (members: Partial<Task> = {}) =>
    insert({
      status: 'processing',
      attempt: 1,
      leaseOwner: 'the dead',
      leaseExpiresAt: new Date(Date.now() - 1),
      startedAt: new Date(Date.now() - 1_000),
      ...members,
    });
  /** Purging tasks is the last thing that a sweep does. */
  const sweep = async () => {
    const mark = await insert({ status: 'completed', expiresAt: new Date(0) });
    sweeper.onApplicationBootstrap();
    await until(async () => (await read(mark))?.purgedAt, { describe: 'the first sweep is over' });
  };

  it('gives the tasks of a dead worker to others', async () => {
    const [lost, alive] = [await abandoned(), await abandoned({ leaseExpiresAt: new Date(Date.now() + 60_000) })];

    await sweep();

    await expect(read(lost)).resolves.toMatchObject({ status: 'pending', attempt: 1, leaseOwner: null });
    await expect(read(alive)).resolves.toEqual(alive);
    expect(queue.rings.map(({ id }) => id)).toContain(`${lost.id}:1`);
  });

  it('fails the task of a dead worker when no attempt is left', async () => {
    const lost = await abandoned({ attempt: 3 });

    await sweep();

    await expect(read(lost)).resolves.toMatchObject({
      status: 'failed',
      attempt: 3,
      error: { type: 'tool_error', code: 'worker_lost', request_id: null },
    });
  });

  it('rings at the start for every task that waits, the most urgent first', async () => {
    const [young, old, urgent] = [
      await insert({ createdAt: before(1) }),
      await insert({ createdAt: before(HOUR) }),
      await insert({ priority: 7, attempt: 2, createdAt: before(1) }),
    ];
    await insert({ availableAt: new Date(Date.now() + 60_000) });

    await sweep();

    expect(queue.rings).toEqual([
      { id: secondRingId(urgent), priority: 7 },
      { id: secondRingId(young), priority: 0 },
      { id: secondRingId(old), priority: 0 },
    ]);
  });

  it('removes the bytes of expired files, and keeps the record of it', async () => {
    const [expired, kept] = [await files.stored('old'), await files.stored('new')];
    await ground.database.change('update file set expires_at = ? where id = ?', [before(1), expired.file_id]);

    await sweep();

    await expect(files.storage.stat(expired.file_id)).resolves.toBeUndefined();
    await expect(files.storage.stat(kept.file_id)).resolves.toEqual({ size: 3 });
    await expect(files.store.find(OWNER, expired.file_id)).resolves.toMatchObject({ purgedAt: expect.any(Date) });
    await expect(files.service.find(OWNER, expired.file_id)).rejects.toMatchObject({ code: 'file_expired' });
  });

  it('removes what is left of an upload whose process died', async () => {
    const half = await files.stored('half');
    await ground.database.change('update file set stored_at = null, expires_at = ? where id = ?', [
      before(1),
      half.file_id,
    ]);

    await sweep();

    await expect(files.storage.stat(half.file_id)).resolves.toBeUndefined();
    await expect(ground.database.query('select id from file', [])).resolves.toEqual([]);
  });

  it('removes what expired tasks answered', async () => {
    const expired = await insert({ status: 'completed', data: 'secret', expiresAt: before(1) });

    await sweep();

    await expect(read(expired)).resolves.toMatchObject({ data: null, purgedAt: expect.any(Date) });
  });

  it('does the rest also when the queue does not answer', async () => {
    const [waiting, lost] = [await insert(), await abandoned()];
    queue.down = true;

    await sweep();

    await expect(read(waiting)).resolves.toEqual(waiting);
    await expect(read(lost)).resolves.toMatchObject({ status: 'pending' });
  });

  it('goes on every few seconds, but rings again only for tasks that have waited for long', async () => {
    const waiting = await insert();
    await sweep();
    const [lost, stale, fresh] = [await abandoned(), await insert({ availableAt: before(11_000) }), await insert()];

    await until(async () => (await read(lost))?.status === 'pending', { timeoutMs: 8_000, describe: 'the next sweep' });
    await until(() => queue.rings.some(({ id }) => id === secondRingId(stale)), {
      describe: 'the stale task is rung for',
    });

    const ids = queue.rings.map(({ id }) => id);
    expect(ids).toContain(secondRingId(waiting));
    expect(ids).not.toContain(secondRingId(fresh));
  });

  it('goes on soon when there is more than one sweep mends', async () => {
    await Promise.all(Array.from({ length: 501 }, () => abandoned()));
    await sweep();

    await until(async () => (await remaining()).length === 0, { timeoutMs: 3_000, describe: 'the rest is mended' });
    expect(queue.rings.length).toBeGreaterThanOrEqual(501);
  });

  if (kind === 'sqlite')
    it('stops when the process does, after what it is doing', async () => {
      const lost = await abandoned();
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
      sweeper.onApplicationBootstrap();
      jest.runOnlyPendingTimers();

      await sweeper.onApplicationShutdown();

      const timers = jest.getTimerCount();
      jest.useRealTimers();
      expect(timers).toBe(0);
      await expect(read(lost)).resolves.toMatchObject({ status: 'pending' });
    });
});
