import { ConnectionException } from '@mikro-orm/core';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { taskEvents } from '../../src/tasks/task.channels.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { Settlement } from '../../src/worker/settlement.js';
import type { Verdict } from '../../src/worker/verdict.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, OWNER, pendingTask } from '../tasks/task.rows.js';
import { filesOf, type TestFiles } from './files.js';
import { RecordingQueue } from './recording.queue.js';

const WORKER = 'worker:1';
const never = new AbortController().signal;
const outage = () => new ConnectionException(new Error('The database does not answer.'));
const usage = { wall_ms: 1, cpu_ms: 2, max_rss_bytes: 3 };

describe.each(DATABASES)('the settlement of a run, while the database does not answer, on $name', ({ prepare }) => {
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
  const running = async (attempt = 1): Promise<Task> => {
    await store.insert(pendingTask({ attempt: attempt - 1, priority: 4 }));
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

  let settle: TaskStore['settle'];
  let calls: number;

  beforeEach(() => {
    settle = store.settle.bind(store);
    calls = 0;
  });
  afterEach(() => {
    store.settle = settle;
  });

  it('keeps the result, and writes it as soon as it can', async () => {
    const [task, verdict] = [await running(), await completed()];
    store.settle = async (...args) => {
      if (++calls < 3) throw outage();
      return settle(...args);
    };

    await expect(settlement.settle(task, verdict, never)).resolves.toBe('completed');

    await expect(read(task)).resolves.toMatchObject({ status: 'completed', outputs: verdict.outputs });
    await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([true, true]);
    expect(events).toHaveLength(1);
  });

  it('throws the result away when somebody else has taken the task meanwhile', async () => {
    const [task, verdict] = [await running(), await completed()];
    store.settle = async (...args) => {
      if (++calls > 1) return settle(...args);
      await cancel(task);
      throw outage();
    };

    await expect(settlement.settle(task, verdict, never)).resolves.toBe('was taken away');

    await expect(read(task)).resolves.toMatchObject({ status: 'cancelled', outputs: [] });
    await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([false, false]);
    expect(events).toEqual([]);
  });

  it('knows its own result again, when the answer was lost but not the result', async () => {
    const [task, verdict] = [await running(), await completed()];
    store.settle = async (...args) => {
      const settled = await settle(...args);
      if (++calls === 1) throw outage();
      return settled;
    };

    await expect(settlement.settle(task, verdict, never)).resolves.toBe('completed');

    await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([true, true]);
    expect([calls, events.length]).toEqual([2, 1]);
  });

  it('knows its own release again, and rings for it', async () => {
    const task = await running(2);
    store.settle = async (...args) => {
      const settled = await settle(...args);
      if (++calls === 1) throw outage();
      return settled;
    };

    await expect(settlement.settle(task, { type: 'released' }, never)).resolves.toBe('is tried again');

    await expect(read(task)).resolves.toMatchObject({ status: 'pending', attempt: 1 });
    expect(queue.rings).toHaveLength(1);
  });

  it('gives up when the worker leaves, and leaves the files to whoever finds the row', async () => {
    const [task, verdict] = [await running(), await completed()];
    const leaving = new AbortController();
    store.settle = async () => {
      if (++calls === 2) leaving.abort();
      throw outage();
    };

    await expect(settlement.settle(task, verdict, leaving.signal)).rejects.toThrow('does not answer');

    await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([true, true]);
  });

  it('leaves no file when the row refuses the result', async () => {
    const [task, verdict] = [await running(), await completed()];
    store.settle = async () => {
      throw new Error('The row cannot hold this.');
    };

    await expect(settlement.settle(task, verdict, never)).rejects.toThrow('cannot hold');

    await expect(Promise.all(verdict.outputs.map(exists))).resolves.toEqual([false, false]);
  });
});
