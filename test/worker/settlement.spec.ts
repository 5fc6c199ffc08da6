import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { errorDocument } from '../../src/errors/problem.document.js';
import { taskEvents } from '../../src/tasks/task.channels.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { ringId } from '../../src/tasks/task.ring.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { Settlement } from '../../src/worker/settlement.js';
import type { Verdict } from '../../src/worker/verdict.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, OWNER, pendingTask } from '../tasks/task.rows.js';
import { filesOf, type TestFiles } from './files.js';
import { RecordingQueue } from './recording.queue.js';

const WORKER = 'worker:1';
const never = new AbortController().signal;
const HOUR = 3_600_000;
const error = errorDocument(new Problem('tool_crashed', 'It crashed.'), null);
const usage = { wall_ms: 1, cpu_ms: 2, max_rss_bytes: 3 };

describe.each(DATABASES)('the settlement of a run on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let store: TaskStore;
  let claims: TaskClaims;
  let queue: RecordingQueue;
  let settlement: Settlement;
  let events: Task[];
  let unsubscribe: () => void;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ground = await prepare();
    files = await filesOf(ground);
    store = new TaskStore(ground.database);
    claims = new TaskClaims(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    queue = new RecordingQueue();
    settlement = new Settlement(store, files.service, queue);
    events = [];
    unsubscribe = taskEvents.subscribe((event) => event.type === 'status' && events.push(event.task));
  });
  afterEach(() => unsubscribe());
  afterAll(() => ground[Symbol.asyncDispose]());

  /** A task as a worker has it when it has claimed it for the attempt of that number. */
  const running = async (attempt = 1, members: Partial<Task> = {}): Promise<Task> => {
    await store.insert(pendingTask({ attempt: attempt - 1, priority: 4, ...members }));
    const task = await claims.claim(WORKER, ECHO);
    if (!task) throw new Error('There was nothing to claim.');
    return task;
  };
  const read = ({ id }: Task) => store.find(id);
  const cancel = ({ id }: Task) => store.move(OWNER, id, 'cancelled', { leaseOwner: null, leaseExpiresAt: null });
  const completed = async (): Promise<Verdict & { type: 'completed' }> => ({
    type: 'completed',
    outputs: [await files.stored('one'), await files.stored('two')],
    data: { answer: 42 },
    usage,
  });
  const exists = async ({ file_id }: { file_id: string }) => (await files.storage.stat(file_id)) !== undefined;

  describe('that has completed', () => {
    it('writes the result, once and for all', async () => {
      const task = await running();
      const verdict = await completed();

      await expect(settlement.settle(task, verdict, never)).resolves.toBe('completed');

      const settled = await read(task);
      expect(settled).toEqual({
        ...task,
        status: 'completed',
        outputs: verdict.outputs,
        data: { answer: 42 },
        usage,
        progressRatio: 1,
        leaseOwner: null,
        leaseExpiresAt: null,
        finishedAt: expect.any(Date),
        expiresAt: expect.any(Date),
      });
      expect(Number(settled?.expiresAt) - Number(settled?.finishedAt)).toBe(24 * HOUR);
      await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([true, true]);
      expect(queue.rings).toEqual([]);
    });

    it('is told to whoever counts, with the seconds that it took', async () => {
      const task = await running();

      await settlement.settle(task, await completed(), never);

      expect(events).toEqual([await read(task)]);
    });

    it('comes too late when the task was cancelled meanwhile, and leaves no output', async () => {
      const task = await running();
      await cancel(task);
      const cancelled = await read(task);
      const verdict = await completed();

      await expect(settlement.settle(task, verdict, never)).resolves.toBe('was taken away');

      await expect(read(task)).resolves.toEqual(cancelled);
      await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([false, false]);
      expect(events).toEqual([]);
    });

    it('comes too late when the task runs elsewhere by now', async () => {
      const task = await running();
      await settlement.recover(task, { type: 'crashed', error });
      const elsewhere = await claims.claim('worker:2', ECHO);

      await expect(settlement.settle(task, await completed(), never)).resolves.toBe('was taken away');

      await expect(read(task)).resolves.toEqual(elsewhere);
    });
  });

  describe('that has failed', () => {
    it('writes the error and is not tried again, though attempts are left', async () => {
      const task = await running();

      await expect(settlement.settle(task, { type: 'failed', error, usage }, never)).resolves.toBe('failed');

      await expect(read(task)).resolves.toMatchObject({ status: 'failed', attempt: 1, error, usage, outputs: [] });
      expect(queue.rings).toEqual([]);
      expect(events).toMatchObject([{ status: 'failed' }]);
    });
  });

  describe('that has crashed', () => {
    it.each([
      [1, 500, 1_500],
      [2, 1_000, 3_000],
    ])('is tried again after attempt %i, in %i to %i ms', async (attempt, least, most) => {
      const task = await running(attempt);
      const before = Date.now();

      await expect(settlement.settle(task, { type: 'crashed', error }, never)).resolves.toBe('is tried again');

      const after = Date.now();
      const waiting = await read(task);
      expect(waiting).toEqual({
        ...task,
        status: 'pending',
        statusReason: 'retry_at',
        availableAt: expect.any(Date),
        leaseOwner: null,
        leaseExpiresAt: null,
      });
      const at = Number(waiting?.availableAt);
      expect(at).toBeGreaterThanOrEqual(before + least - 1);
      expect(at).toBeLessThanOrEqual(after + most);
      const id = `${task.id}:${at}`;
      expect(queue.rings).toEqual([{ id, delayMs: expect.any(Number), priority: 4 }]);
      expect(Number(queue.rings[0]?.delayMs)).toBeGreaterThanOrEqual(at - after);
      // Rows have whole milliseconds, and rings have not.
      expect(Number(queue.rings[0]?.delayMs)).toBeLessThan(at - before + 1);
      expect(events).toEqual([waiting]);
    });

    it('fails when no attempt is left', async () => {
      const task = await running(3);

      await expect(settlement.settle(task, { type: 'crashed', error }, never)).resolves.toBe('failed');

      await expect(read(task)).resolves.toMatchObject({ status: 'failed', attempt: 3, error });
      expect(queue.rings).toEqual([]);
    });

    it('waits for another attempt also when the queue does not answer', async () => {
      const task = await running();
      queue.down = true;

      await expect(settlement.settle(task, { type: 'crashed', error }, never)).resolves.toBe('is tried again');

      await expect(read(task)).resolves.toMatchObject({ status: 'pending' });
    });

    it('is not tried again when the task was cancelled meanwhile', async () => {
      const task = await running();
      await cancel(task);

      await expect(settlement.settle(task, { type: 'crashed', error }, never)).resolves.toBe('was taken away');

      await expect(read(task)).resolves.toMatchObject({ status: 'cancelled' });
      expect(queue.rings).toEqual([]);
    });
  });

  describe('that was released because its worker stops', () => {
    it.each([1, 3])('does not count as an attempt: %i', async (attempt) => {
      const task = await running(attempt);

      await expect(settlement.settle(task, { type: 'released' }, never)).resolves.toBe('is tried again');

      await expect(read(task)).resolves.toMatchObject({ status: 'pending', attempt: attempt - 1 });
      await expect(claims.claim('worker:2', ECHO)).resolves.toMatchObject({ id: task.id, attempt });
    });

    it('is rung for at once', async () => {
      const task = await running();

      await settlement.settle(task, { type: 'released' }, never);

      expect(queue.rings).toMatchObject([{ delayMs: 0 }]);
      expect(queue.rings[0]?.id).not.toBe(ringId(task));
    });
  });

  it('that is lost changes nothing', async () => {
    const task = await running();

    await expect(settlement.settle(task, { type: 'lost' }, never)).resolves.toBe('was taken away');

    await expect(read(task)).resolves.toEqual(task);
    expect(queue.rings).toEqual([]);
  });

  describe('of a worker that was lost', () => {
    it('gives the task to others at once', async () => {
      const task = await running();

      await expect(settlement.recover(task, { type: 'crashed', error })).resolves.toBe('is tried again');

      await expect(claims.claim('worker:2', ECHO)).resolves.toMatchObject({ id: task.id, attempt: 2 });
      expect(queue.rings).toMatchObject([{ id: expect.stringContaining(task.id), delayMs: 0 }]);
    });

    it('fails the task when no attempt is left', async () => {
      const task = await running(3);

      await expect(settlement.recover(task, { type: 'crashed', error })).resolves.toBe('failed');

      await expect(read(task)).resolves.toMatchObject({ status: 'failed', error });
    });

    it('fails a task that has killed three of them, though attempts are left', async () => {
      const first = await running(1, { maxAttempts: 9 });
      await settlement.recover(first, { type: 'crashed', error });
      const second = await claims.claim('worker:2', ECHO);
      if (second) await settlement.recover(second, { type: 'crashed', error });
      const soon = await claims.claim('worker:3', ECHO, new Date(Date.now() + 9_000));
      const third = await claims.claim('worker:3', ECHO, new Date(Date.now() + 31_000));

      await expect(third && settlement.recover(third, { type: 'crashed', error })).resolves.toBe('failed');

      expect(soon).toBeUndefined();
      expect([first, second, third].map((task) => task?.deaths)).toEqual([0, 1, 2]);
      await expect(read(first)).resolves.toMatchObject({
        status: 'failed',
        attempt: 3,
        deaths: 3,
        error: { type: 'tool_error', code: 'task_poisonous', retryable: false },
      });
      expect(events.map(({ status }) => status)).toEqual(['pending', 'pending', 'failed']);
    });

    it.each<[string, (task: Task) => Promise<unknown>]>([
      ['was released', (task) => settlement.settle(task, { type: 'released' }, never)],
      ['crashed', (task) => settlement.settle(task, { type: 'crashed', error }, never)],
      ['was cancelled', cancel],
      ['ended in time', async (task) => settlement.settle(task, await completed(), never)],
    ])('counts no death for a run that %s', async (_, end) => {
      const task = await running(1, { deaths: 2 });
      await end(task);

      await expect(settlement.recover(task, { type: 'crashed', error })).resolves.toBe('was taken away');

      const after = await read(task);
      expect(after?.deaths).toBe(2);
      expect(after?.error).toBeNull();
    });

    it('happens once, whoever finds it', async () => {
      const task = await running();

      const found = await Promise.all([1, 2, 3].map(() => settlement.recover(task, { type: 'crashed', error })));

      expect(found.toSorted()).toEqual(['is tried again', 'was taken away', 'was taken away']);
      expect(queue.rings).toHaveLength(1);
    });
  });
});
