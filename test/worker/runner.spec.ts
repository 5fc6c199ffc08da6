import { ConnectionException } from '@mikro-orm/core';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { LocalEvents } from '../../src/events/local.events.js';
import { EmbeddedQueue } from '../../src/queue/embedded.queue.js';
import { taskEvents } from '../../src/tasks/task.channels.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task } from '../../src/tasks/task.entity.js';
import { TaskLogs } from '../../src/tasks/task.logs.js';
import { isWake, ringId, wakeId } from '../../src/tasks/task.ring.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { LeaseKeeper } from '../../src/worker/lease.keeper.js';
import { Runner } from '../../src/worker/runner.js';
import { Settlement } from '../../src/worker/settlement.js';
import type { ToolRunner } from '../../src/worker/tool.runner.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { OWNER, pendingTask } from '../tasks/task.rows.js';
import { onBusyMachine } from '../time.limits.js';
import { filesOf, type TestFiles } from './files.js';
import { HeldToolRunner } from './held.tool.runner.js';

describe.each(DATABASES)('the runner of tasks on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let store: TaskStore;
  let queue: EmbeddedQueue;
  let claims: TaskClaims;
  let leases: LeaseKeeper;
  let tools: HeldToolRunner;
  let runner: Runner;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ground = await prepare();
    files = await filesOf(ground);
    store = new TaskStore(ground.database);
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    claims = new TaskClaims(ground.database);
    queue = new EmbeddedQueue();
    leases = new LeaseKeeper(claims, new LocalEvents(), new TaskLogs(ground.database));
    tools = new HeldToolRunner(leases);
    const settlement = new Settlement(store, files.service, queue);
    const config = loadConfig({ WORKER_CONCURRENCY: '3', SHUTDOWN_GRACE_MS: '500' });
    runner = new Runner(config, queue, claims, leases, tools as unknown as ToolRunner, settlement);
    await runner.onApplicationBootstrap();
  });
  afterEach(() => queue.close(0));
  afterAll(() => ground[Symbol.asyncDispose]());

  const submit = async (members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask(members);
    await store.insert(task);
    await queue.push(ringId(task));
    return task;
  };
  const statusOf = async ({ id }: Task) => (await store.find(id))?.status;
  const becomes = (task: Task, status: Task['status']) =>
    until(async () => (await statusOf(task)) === status, { describe: `the task is ${status}` });
  const runCount = (number: number) => until(() => tools.runs.length === number, { describe: `${number} tasks run` });
  const idle = () => until(async () => (await queue.counts()).active === 0, { describe: 'nothing is answered' });

  it('runs a task when it is rung for, and settles it', async () => {
    const task = await submit();
    await runCount(1);

    await expect(store.find(task.id)).resolves.toMatchObject({
      status: 'processing',
      attempt: 1,
      leaseOwner: leases.worker,
    });
    tools.runs[0]?.end();

    await becomes(task, 'completed');
    await idle();
    expect(leases.counts()).toEqual(new Map());
  });

  it('tells that the task runs, as its row does', async () => {
    const events: Task[] = [];
    const unsubscribe = taskEvents.subscribe((event) => event.type === 'status' && events.push(event.task));

    const task = await submit();
    await runCount(1);
    unsubscribe();
    const row = await store.find(task.id);
    tools.runs[0]?.end();

    expect(events).toEqual([{ ...row, leaseExpiresAt: expect.any(Date) }]);
    expect(row).toMatchObject({ status: 'processing', attempt: 1 });
    await idle();
  });

  it('runs as many at once as it may, and no more', async () => {
    const tasks = await Promise.all(Array.from({ length: 5 }, () => submit()));
    await runCount(3);

    while ((await Promise.all(tasks.map(statusOf))).some((status) => status !== 'completed')) {
      tools.runs[0]?.end();
      await new Promise(setImmediate);
    }

    expect(tools.most).toBe(3);
    await idle();
  });

  it('runs a tool as often as that tool may run, and forgets none of its tasks', async () => {
    const tasks = await Promise.all(Array.from({ length: 5 }, () => submit({ tool: 'single' })));
    const other = await submit();
    await runCount(2);
    await until(async () => (await queue.counts()).waiting === 0, { describe: 'every ring was answered' });

    const together = tools.runs.map(({ running }) => running.task.tool).toSorted();
    tools.runs.find(({ running }) => running.task.id === other.id)?.end();
    await becomes(other, 'completed');
    while ((await Promise.all(tasks.map(statusOf))).some((status) => status !== 'completed')) {
      expect(tools.runs.length).toBeLessThanOrEqual(1);
      tools.runs[0]?.end();
      await new Promise(setImmediate);
    }

    expect(together).toEqual(['echo', 'single']);
    await idle();
  });

  it('goes on until nothing waits when it was woken up, though no ring is left', async () => {
    const tasks = Array.from({ length: 3 }, () => pendingTask());
    for (const task of tasks) await store.insert(task);

    await queue.push(wakeId());
    for (const task of tasks) {
      await until(() => tools.runs[0]?.running.task.id === task.id, { describe: 'the next one runs' });
      tools.runs[0]?.end();
    }

    await idle();
    expect(tools.most).toBe(1);
    await expect(Promise.all(tasks.map(statusOf))).resolves.toEqual(tasks.map(() => 'completed'));
  });

  it('runs as many tasks of one user as it may, and forgets none of them', async () => {
    const limited = loadConfig({ WORKER_CONCURRENCY: '3', USER_CONCURRENCY: '1' });
    Object.assign(runner, { config: limited });
    const tasks = await Promise.all(Array.from({ length: 4 }, () => submit()));
    const other = await submit({ owner: 'another' });
    await runCount(2);
    await until(async () => (await queue.counts()).waiting === 0, { describe: 'every ring was answered' });

    const owners = tools.runs.map(({ running }) => running.task.owner).toSorted();
    tools.runs.find(({ running }) => running.task.id === other.id)?.end();
    while ((await Promise.all(tasks.map(statusOf))).some((status) => status !== 'completed')) {
      expect(tools.runs.filter(({ running }) => running.task.owner === OWNER).length).toBeLessThanOrEqual(1);
      tools.runs.find(({ running }) => running.task.owner === OWNER)?.end();
      await new Promise(setImmediate);
    }

    expect(owners).toEqual(['another', OWNER]);
    await idle();
  });

  it('finds nothing to do when somebody else was quicker', async () => {
    await queue.push('a ring for nothing:0');
    await idle();

    const task = await submit();
    await runCount(1);
    tools.runs[0]?.end();
    await becomes(task, 'completed');

    expect(tools.most).toBe(1);
  });

  it('lets running tasks end when the worker stops, and takes no other', async () => {
    const [running, waiting] = [await submit({ tool: 'single' }), await submit({ tool: 'single' })];
    await runCount(1);

    const stopped = runner.beforeApplicationShutdown();
    tools.runs[0]?.end();
    await stopped;

    await expect(statusOf(running)).resolves.toBe('completed');
    await expect(statusOf(waiting)).resolves.toBe('pending');
  });

  it('waits for a database that does not answer, and then claims without another ring', async () => {
    const claim = claims.claim.bind(claims);
    let calls = 0;
    claims.claim = async (...args) => {
      if (++calls < 3) throw new ConnectionException(new Error('The database does not answer.'));
      return claim(...args);
    };

    const task = await submit();
    await runCount(1);
    tools.runs[0]?.end();

    await becomes(task, 'completed');
    expect(calls).toBe(3);
  });

  it('runs what a claim has taken whose answer was lost', async () => {
    const claim = claims.claim.bind(claims);
    let calls = 0;
    claims.claim = async (...args) => {
      const task = await claim(...args);
      if (++calls === 1) throw new ConnectionException(new Error('The database does not answer.'));
      return task;
    };

    const task = await submit();
    await runCount(1);
    tools.runs[0]?.end();

    await becomes(task, 'completed');
    await expect(store.find(task.id)).resolves.toMatchObject({ attempt: 1 });
    expect(calls).toBe(1);
  });

  it('claims nothing any more when it stops, and passes the ring on', async () => {
    const push = queue.push.bind(queue);
    const pushed: string[] = [];
    let claimsTried = 0;
    claims.claim = async () => {
      claimsTried += 1;
      throw new ConnectionException(new Error('The database does not answer.'));
    };
    queue.push = async (id, options) => {
      pushed.push(id);
      return push(id, options);
    };
    const task = await submit();
    await until(() => claimsTried > 0, { describe: 'a claim has failed' });

    await runner.beforeApplicationShutdown();

    expect(pushed.map(isWake)).toEqual([false, true]);
    await expect(statusOf(task)).resolves.toBe('pending');
  });

  it('releases what does not end in the period of grace', async () => {
    const task = await submit();
    await runCount(1);
    const started = performance.now();

    await runner.beforeApplicationShutdown();

    const elapsed = performance.now() - started;
    await expect(store.find(task.id)).resolves.toMatchObject({ status: 'pending', attempt: 0 });
    expect(elapsed).toBeGreaterThan(490);
    expect(elapsed).toBeLessThan(onBusyMachine(1_500));
  });

  it('goes on when a run cannot be settled', async () => {
    const settle = store.settle.bind(store);
    store.settle = async () => {
      throw new Error('The database does not answer.');
    };
    await submit();
    await runCount(1);
    tools.runs[0]?.end();
    await idle();
    store.settle = settle;

    const next = await submit();
    await runCount(1);
    tools.runs[0]?.end();

    await becomes(next, 'completed');
    expect(leases.counts()).toEqual(new Map());
  });
});
