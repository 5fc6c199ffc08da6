import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalEvents } from '../../src/events/local.events.js';
import { TASK_CANCELLED } from '../../src/tasks/task.channels.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TaskLogs } from '../../src/tasks/task.logs.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { LeaseKeeper } from '../../src/worker/lease.keeper.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { OWNER, pendingTask } from '../tasks/task.rows.js';

describe.each(DATABASES)('the leases of a worker on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let store: TaskStore;
  let claims: TaskClaims;
  let logs: TaskLogs;
  let events: LocalEvents;
  let keeper: LeaseKeeper;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ground = await prepare();
    store = new TaskStore(ground.database);
    claims = new TaskClaims(ground.database);
    logs = new TaskLogs(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    events = new LocalEvents();
    keeper = new LeaseKeeper(claims, events, logs);
    keeper.onApplicationBootstrap();
  });
  afterEach(() => keeper.onApplicationShutdown());
  afterAll(() => ground[Symbol.asyncDispose]());

  const claim = async (members: Partial<Task> = {}): Promise<Task> => {
    await store.insert(pendingTask(members));
    const task = await claims.claim(keeper.worker, { tools: [members.tool ?? 'echo'] });
    if (!task) throw new Error('There was nothing to claim.');
    return task;
  };
  const read = async ({ id }: Task): Promise<Task> => {
    const task = await store.find(id);
    if (!task) throw new Error('The task is gone.');
    return task;
  };
  const renewed = (task: Task) =>
    until(async () => Number((await read(task)).leaseExpiresAt) > Number(task.leaseExpiresAt), {
      describe: 'the lease is renewed',
    });

  it('belong to a worker of a name that no other has', () => {
    expect(new LeaseKeeper(claims, events, logs).worker).not.toBe(keeper.worker);
  });

  it('are renewed as long as the tasks run', async () => {
    const task = await claim();
    const running = keeper.begin(task);

    await renewed(task);

    expect(running.signal.aborted).toBe(false);
    keeper.end(running);
  });

  it('carry along how far the tool is: the last word only', async () => {
    const running = keeper.begin(await claim());
    running.report.progress(0.25, 'A quarter');
    running.report.progress(0.5, 'Half');

    await until(async () => (await read(running.task)).progressRatio > 0, { describe: 'progress is written' });

    await expect(read(running.task)).resolves.toMatchObject({ progressRatio: 0.5, progressMessage: 'Half' });
    keeper.end(running);
  });

  it('carry along what the tool writes, and the rest of it when the run is over', async () => {
    const running = keeper.begin(await claim());
    const messages = async () => (await logs.list(running.task.id)).map(({ message }) => message);
    running.report.line('info', 'one');
    await until(async () => (await messages()).length > 0, { describe: 'the line is written' });

    running.report.line('warn', 'two');
    await keeper.conclude(running);

    await expect(messages()).resolves.toEqual(['one', 'two']);
    keeper.end(running);
  });

  it('keep lines that could not be written for the next time', async () => {
    const running = keeper.begin(await claim());
    const add = logs.add.bind(logs);
    let failures = 0;
    logs.add = async () => {
      failures += 1;
      throw new Error('The database does not answer.');
    };
    running.report.line('info', 'one');
    await until(() => failures > 0, { describe: 'writing fails' });
    running.report.line('info', 'two');

    logs.add = add;
    const lines = async () => (await logs.list(running.task.id)).map(({ message }) => message).join();

    await until(async () => (await lines()) === 'one,two', { describe: 'the lines are written' });
    keeper.end(running);
  });

  it.each(['cancelled by somebody in another process', 'taken away by somebody who thought us dead'])(
    'are lost when the task was %s',
    async (how) => {
      const task = await claim();
      const [running, other] = [keeper.begin(task), keeper.begin(await claim())];

      if (how.startsWith('cancelled')) await store.move(OWNER, task.id, 'cancelled', {});
      else await ground.database.change('update task set lease_owner = ? where id = ?', ['another', task.id]);

      await until(() => running.signal.aborted, { describe: 'the run is ended' });
      expect(running.signal.reason).toBe('lost');
      expect(other.signal.aborted).toBe(false);
    },
  );

  it('are lost at once when the cancellation is heard', async () => {
    const running = keeper.begin(await claim());

    await events.publish(TASK_CANCELLED, running.task.id);

    expect(running.signal).toMatchObject({ aborted: true, reason: 'lost' });
  });

  it('belong to the attempt that this worker was given last', async () => {
    const task = await claim();
    const first = keeper.begin(task);
    const next = keeper.begin({ ...task, attempt: task.attempt + 1 });

    expect(first.signal).toMatchObject({ aborted: true, reason: 'lost' });
    keeper.end(first);

    expect(keeper.ids()).toEqual([task.id]);
    expect(next.signal.aborted).toBe(false);
    keeper.end(next);
    expect(keeper.ids()).toEqual([]);
  });

  it('are kept when the database does not answer for a moment', async () => {
    const task = await claim();
    const running = keeper.begin(task);
    const renew = claims.renew.bind(claims);
    let failures = 0;
    claims.renew = async () => {
      failures += 1;
      throw new Error('The database does not answer.');
    };

    await until(() => failures > 0, { describe: 'a renewal fails' });
    claims.renew = renew;
    await renewed(task);

    expect(running.signal.aborted).toBe(false);
  });

  it('end with the runs, all of them when this worker stops', async () => {
    const [first, second, ended] = [
      keeper.begin(await claim({ tool: 'a' })),
      keeper.begin(await claim({ tool: 'a' })),
      keeper.begin(await claim({ tool: 'b' })),
    ];
    keeper.end(ended);

    expect(keeper.counts()).toEqual(new Map([['a', 2]]));
    keeper.stopAll();

    expect([first, second, ended].map(({ signal }) => signal.reason)).toEqual(['shutdown', 'shutdown', undefined]);
  });
});
