import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LocalEventLog } from '../../src/events/local.event.log.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TaskHistory } from '../../src/tasks/task.history.js';
import { isWake } from '../../src/tasks/task.ring.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { IdempotencyStore } from '../../src/idempotency/idempotency.store.js';
import { Settlement } from '../../src/worker/settlement.js';
import { Sweeper } from '../../src/worker/sweeper.js';
import { OWNING } from '../auth/actors.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { pendingTask } from '../tasks/task.rows.js';
import { onBusyMachine } from '../time.limits.js';
import { filesOf, type TestFiles } from './files.js';
import { RecordingQueue } from './recording.queue.js';

/** A sweep comes so often by itself. */
const SWEEP_MS = 5_000;
/** Three times as much is still less. */
const SOON_MS = 1_500;
const before = (ms: number) => new Date(Date.now() - ms);

describe.each(DATABASES)('the sweeper on $name', ({ kind, prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let store: TaskStore;
  let queue: RecordingQueue;
  let claims: TaskClaims;
  let log: LocalEventLog;
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
    claims = new TaskClaims(ground.database);
    const settlement = new Settlement(store, files.service, queue);
    log = new LocalEventLog();
    const history = new TaskHistory(log, store, files.service);
    sweeper = new Sweeper(claims, settlement, files.service, queue, new IdempotencyStore(ground.database), history);
  });
  afterEach(() => sweeper.onApplicationShutdown());
  afterAll(() => ground[Symbol.asyncDispose]());

  const insert = async (members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask(members);
    await store.insert(task);
    return task;
  };
  const remaining = async () => ground.database.query(`select id from task where status = 'processing'`, []);
  const read = ({ id }: Task) => store.find(id);
  const abandoned = (members: Partial<Task> = {}) =>
    insert({
      status: 'processing',
      attempt: 1,
      leaseOwner: 'the dead',
      leaseExpiresAt: new Date(Date.now() - 1),
      startedAt: new Date(Date.now() - 1_000),
      ...members,
    });
  const wakes = () => queue.rings.filter(({ id }) => isWake(id));
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
    expect(queue.rings.map(({ id }) => id.split(':')[0])).toContain(lost.id);
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

  it('wakes at the start as many workers as tasks wait, each by a ring of its own', async () => {
    for (const priority of [0, 7, 0]) await insert({ priority });
    await insert({ availableAt: new Date(Date.now() + 60_000) });

    await sweep();

    expect(wakes()).toHaveLength(3);
    expect(new Set(queue.rings.map(({ id }) => id)).size).toBe(3);
  });

  it('wakes nobody for whom another ring waits already', async () => {
    for (let count = 0; count < 3; count++) await insert();
    await queue.push('a ring of somebody');

    await sweep();

    expect(wakes()).toHaveLength(2);
  });

  it('wakes a hundred at most, however many tasks wait', async () => {
    await Promise.all(Array.from({ length: 150 }, () => insert()));

    await sweep();

    expect(wakes()).toHaveLength(100);
  });

  it('removes the bytes of expired files, and keeps the record of it', async () => {
    const [expired, kept] = [await files.stored('old'), await files.stored('new')];
    await ground.database.change('update file set expires_at = ? where id = ?', [before(1), expired.file_id]);

    await sweep();

    await expect(files.storage.stat(expired.file_id)).resolves.toBeUndefined();
    await expect(files.storage.stat(kept.file_id)).resolves.toEqual({ size: 3 });
    await expect(files.store.find(expired.file_id)).resolves.toMatchObject({ purgedAt: expect.any(Date) });
    await expect(files.access.read(OWNING, expired.file_id)).rejects.toMatchObject({ code: 'file_expired' });
  });

  it('goes on with everything else when bytes cannot be removed', async () => {
    const expired = await files.stored('old');
    await ground.database.change('update file set expires_at = ? where id = ?', [before(1), expired.file_id]);
    const remove = jest.spyOn(files.storage, 'remove').mockRejectedValue(Object.assign(new Error(), { code: 'EROFS' }));
    await sweep();
    const lost = await abandoned();

    await until(async () => (await read(lost))?.status === 'pending', {
      timeoutMs: onBusyMachine(SWEEP_MS),
      describe: 'the next sweep',
    });

    await until(() => remove.mock.calls.length > 1, { describe: 'the next sweep tries again' });
    remove.mockRestore();
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

  it('does the rest also when the queue does not answer, and rings as soon as it does', async () => {
    const [lost] = [await abandoned(), await insert({ availableAt: before(1) })];
    queue.down = true;
    await sweep();
    await expect(read(lost)).resolves.toMatchObject({ status: 'pending' });
    const fresh = await insert();

    queue.down = false;

    await until(() => wakes().length === 3, {
      timeoutMs: onBusyMachine(SOON_MS),
      describe: 'all that wait are rung for',
    });
    await expect(read(fresh)).resolves.toEqual(fresh);
  });

  it('goes on every few seconds, but rings again only for tasks that have waited for a while', async () => {
    await sweep();
    await insert({ availableAt: before(3_000) });
    await insert({ availableAt: new Date(Date.now() + 4_500) });

    await until(() => wakes().length > 0, { timeoutMs: onBusyMachine(SWEEP_MS), describe: 'the next sweep' });

    expect(wakes()).toHaveLength(1);
  });

  it('leaves running tasks alone until the database has answered for a while, so that workers can say they live', async () => {
    const waiting = claims.waiting.bind(claims);
    let asked = 0;
    claims.waiting = async (...args) => {
      if (asked++ === 0) throw new Error('The database does not answer.');
      return waiting(...args);
    };
    await sweep();
    const [expired, mark] = [await abandoned(), await insert({ status: 'completed', expiresAt: new Date(0) })];

    await until(async () => (await read(mark))?.purgedAt, { describe: 'the next sweep is over' });
    await expect(read(expired)).resolves.toEqual(expired);
    const since = performance.now();
    await until(async () => (await read(expired))?.status === 'pending', {
      timeoutMs: onBusyMachine(SWEEP_MS),
      describe: 'the one after it comes',
    });

    expect(performance.now() - since).toBeGreaterThan(2_000);
  });

  it('goes on soon when there is more than one sweep mends', async () => {
    await Promise.all(Array.from({ length: 501 }, () => abandoned()));
    await sweep();

    await until(async () => (await remaining()).length === 0, {
      timeoutMs: onBusyMachine(SOON_MS),
      describe: 'the rest is mended',
    });
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

  it('tells the end of tasks that whoever wrote it has not told, once', async () => {
    const [finishedAt, expiresAt] = [before(10_000), files.service.expiry(before(10_000))];
    const task = await insert({ status: 'failed', finishedAt, expiresAt });
    const unfinished = await insert({ status: 'processing', leaseExpiresAt: new Date(Date.now() + 60_000) });
    const ends = ({ id }: Task) => log.past({ subject: id }).entries.map(({ type, text }) => [type, JSON.parse(text)]);

    sweeper.onApplicationBootstrap();
    await until(() => ends(task).length > 0, { describe: 'the end is told' });
    await sweeper.onApplicationShutdown();
    await new TaskHistory(log, store, files.service).catchUp();

    expect(ends(task)).toEqual([['finished', expect.objectContaining({ task_id: task.id, status: 'failed' })]]);
    expect(ends(unfinished)).toEqual([]);
  });
});
