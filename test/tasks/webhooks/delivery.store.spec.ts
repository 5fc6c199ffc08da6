import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskStore } from '../../../src/tasks/task.store.js';
import { TASK_STATUSES } from '../../../src/tasks/task.status.js';
import type { Task } from '../../../src/tasks/task.entity.js';
import type { Delivery } from '../../../src/tasks/webhooks/delivery.entity.js';
import { DeliveryStore } from '../../../src/tasks/webhooks/delivery.store.js';
import type { Webhook } from '../../../src/tasks/webhooks/webhook.entity.js';
import { WebhookStore } from '../../../src/tasks/webhooks/webhook.store.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';
import { OWNER, pendingTask } from '../task.rows.js';

const LEASE_MS = 30_000;
const NOBODY = { webhooks: [], owners: [] };
const ATTEMPT = { at: '2026-11-22T10:00:00.000Z', status: 500, error: 'The receiver answered 500.', duration_ms: 3 };

describe.each(DATABASES)('deliveries on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let tasks: TaskStore;
  let webhooks: WebhookStore;
  let deliveries: DeliveryStore;
  /** Of another process. */
  let others: DeliveryStore;

  beforeAll(async () => {
    ground = await prepare();
    tasks = new TaskStore(ground.database);
    webhooks = new WebhookStore(ground.database);
    deliveries = new DeliveryStore(ground.database);
    others = new DeliveryStore(await ground.open());
  });
  beforeEach(async () => {
    for (const table of ['webhook_delivery', 'webhook', 'task'])
      await ground.database.change(`delete from ${table}`, []);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const webhook = async (members: Partial<Webhook> = {}): Promise<Webhook> => {
    const made: Webhook = {
      id: randomUUIDv7(),
      owner: OWNER,
      url: 'https://receiver.example/',
      description: null,
      events: 'completed failed cancelled',
      secret: 'sealed',
      previousSecret: null,
      previousUntil: null,
      disabledAt: null,
      disabledReason: null,
      createdAt: new Date(),
      ...members,
    };
    await webhooks.insert(made);
    return made;
  };
  const running = async (members: Partial<Task> = {}): Promise<Task> => {
    const task = pendingTask({
      status: 'processing',
      attempt: 1,
      leaseOwner: 'w',
      leaseExpiresAt: new Date(),
      ...members,
    });
    await tasks.insert(task);
    return task;
  };
  const end = (task: Task, status: Task['status'] = 'completed') =>
    tasks.settle({ id: task.id, attempt: 1, leaseOwner: 'w' }, status, { finishedAt: tasks.now() });
  const all = async (id: string) =>
    (await deliveries.list(id, undefined, 100)).map(({ taskId, event }) => `${taskId} ${event}`);
  const claimed = async (store = deliveries): Promise<Delivery> => {
    const delivery = await store.claim(LEASE_MS, NOBODY);
    if (!delivery) throw new Error('There is nothing to deliver.');
    return delivery;
  };

  it('are there as soon as a task has ended, however it does', async () => {
    const { id } = await webhook();
    const [completed, failed, cancelled] = [await running(), await running(), await running()];
    const again = await running();
    const made = pendingTask({ status: 'completed' });
    await tasks.insert(made);

    await end(completed);
    await end(failed, 'failed');
    await tasks.move(OWNER, cancelled.id, 'cancelled', { finishedAt: tasks.now() });
    await end(again, 'pending');

    expect((await all(id)).toSorted()).toEqual(
      [
        `${completed.id} task.completed`,
        `${failed.id} task.failed`,
        `${cancelled.id} task.cancelled`,
        `${made.id} task.completed`,
      ].toSorted(),
    );
  });

  it('are not there when the task did not end', async () => {
    const { id } = await webhook();
    const task = await running();

    await expect(tasks.settle({ id: task.id, attempt: 2, leaseOwner: 'w' }, 'completed', {})).resolves.toBe(false);
    await end(task);
    await expect(end(task)).resolves.toBe(false);

    await expect(all(id)).resolves.toEqual([`${task.id} task.completed`]);
  });

  it('are made for those who want to hear of it, and for nobody else', async () => {
    const wanting = await webhook({ events: 'failed completed' });
    const others = [
      await webhook({ events: 'failed cancelled' }),
      await webhook({ owner: 'somebody else' }),
      await webhook({ disabledAt: new Date() }),
      await webhook({ url: null }),
    ];
    const task = await running();

    await end(task);

    await expect(all(wanting.id)).resolves.toHaveLength(1);
    for (const { id } of others) await expect(all(id)).resolves.toEqual([]);
  });

  it('go where the task says, if it says so', async () => {
    const [standing, callbacks] = [await webhook(), await webhook({ url: null })];
    const task = await running({ callbackUrl: 'https://mine.example/' });

    await end(task);

    await expect(deliveries.find(standing.id, task.id)).resolves.toMatchObject({ callbackUrl: null });
    await expect(deliveries.find(callbacks.id, task.id)).resolves.toMatchObject({
      callbackUrl: 'https://mine.example/',
    });
  });

  it('are each taken once by processes that take them at the same time', async () => {
    await webhook();
    for (let count = 0; count < 40; count++) await end(await running());

    const take = async (store: DeliveryStore): Promise<string[]> => {
      const taken = await store.claim(LEASE_MS, NOBODY);
      return taken ? [taken.taskId, ...(await take(store))] : [];
    };
    const taken = (await Promise.all([deliveries, others, deliveries, others].map((store) => take(store)))).flat();

    expect(taken).toHaveLength(40);
    expect(new Set(taken).size).toBe(40);
  });

  it('are taken again when whoever had them is dead, and what the dead one says then does not count', async () => {
    const { id } = await webhook();
    const task = await running();
    await end(task);
    const first = await claimed();
    await expect(others.claim(LEASE_MS, NOBODY)).resolves.toBeUndefined();

    const later = new Date(others.now().getTime() + LEASE_MS + 1_000);
    const second = await others.claim(LEASE_MS, NOBODY, later);
    const change = { status: 'delivered' as const, attempts: 1, nextAttemptAt: later, finishedAt: later };

    expect(second).toMatchObject({ webhookId: id, taskId: task.id, claim: 2 });
    await expect(deliveries.settle(first, ATTEMPT, 'body', change)).resolves.toBe(false);
    await expect(others.settle(second ?? first, ATTEMPT, 'body', change)).resolves.toBe(true);
    await expect(deliveries.find(id, task.id)).resolves.toMatchObject({ status: 'delivered', log: [ATTEMPT] });
  });

  it('wait for those of other webhooks when theirs has enough to do', async () => {
    const busy = await webhook();
    await end(await running());
    const free = await webhook({ events: 'failed' });
    await end(await running(), 'failed');

    await expect(deliveries.claim(LEASE_MS, { webhooks: [busy.id], owners: [] })).resolves.toMatchObject({
      webhookId: free.id,
    });
    await expect(deliveries.claim(LEASE_MS, { webhooks: [busy.id], owners: [] })).resolves.toBeUndefined();
  });

  it('wait for those of other owners when theirs have enough to do', async () => {
    await webhook();
    await end(await running());
    const other = await webhook({ owner: 'somebody else' });
    await end(await running({ owner: 'somebody else' }));
    const busy = { webhooks: [other.id], owners: [OWNER] };

    await expect(deliveries.claim(LEASE_MS, busy)).resolves.toBeUndefined();
    await expect(deliveries.claim(LEASE_MS, { ...busy, webhooks: [] })).resolves.toMatchObject({ webhookId: other.id });
  });

  it('remember the latest attempts, and the body that was sent', async () => {
    const { id } = await webhook();
    const task = await running();
    await end(task);
    for (let attempts = 1; attempts <= 25; attempts++) {
      const delivery = await claimed();
      const change = { status: 'pending' as const, attempts, nextAttemptAt: deliveries.now(), finishedAt: null };
      await deliveries.settle(delivery, { ...ATTEMPT, duration_ms: attempts }, 'body', change);
    }

    const delivery = await deliveries.find(id, task.id);

    expect(delivery).toMatchObject({ payload: 'body', attempts: 25 });
    expect(delivery?.log.map(({ duration_ms }) => duration_ms)).toEqual(Array.from({ length: 20 }, (_, at) => at + 6));
  });

  it('are given up, asked for again, and in the end removed', async () => {
    const { id } = await webhook();
    const task = await running();
    await end(task);

    await deliveries.giveUp(id);
    await expect(deliveries.claim(LEASE_MS, NOBODY)).resolves.toBeUndefined();
    await expect(deliveries.again(id, task.id)).resolves.toBe(true);
    await expect(claimed()).resolves.toMatchObject({ taskId: task.id });
    await deliveries.giveUp(id);

    await expect(deliveries.purge()).resolves.toBe(0);
    await expect(deliveries.purge(new Date(Date.now() + 8 * 24 * 3_600_000))).resolves.toBe(1);
    await expect(deliveries.again(id, task.id)).resolves.toBe(false);
  });

  it('cost nothing to tasks of people without webhooks', async () => {
    await webhook({ owner: 'somebody else' });
    for (const status of TASK_STATUSES) await tasks.insert(pendingTask({ status }));

    await expect(deliveries.claim(LEASE_MS, NOBODY)).resolves.toBeUndefined();
  });
});
