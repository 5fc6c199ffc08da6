import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { webhookSchema } from '../../src/tasks/webhooks/webhook.document.js';
import { until } from '../conditions.js';
import { type Behaviour, type RemoteServer, startRemote } from '../outbound/remote.server.js';
import { type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { newUser } from '../users.js';
import { cancelTask, createTask, finishedTask, postTask, readTask } from './client.js';
import { problemOf } from './problem.js';
import { deliveriesOf, json, messageIds, newWebhook, verified } from './webhook.receiver.js';

const pageSchema = z.object({ data: z.array(webhookSchema) });
const WAIT = { timeoutMs: 15_000 };

let platform: Platform;
let receiver: RemoteServer;
let behave: Behaviour;

beforeAll(async () => {
  platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost' } });
});
beforeEach(async () => {
  behave = (_, response) => void response.writeHead(204).end();
  receiver = await startRemote((...given) => behave(...given));
});
afterEach(async () => {
  const { data } = pageSchema.parse(await json(await platform.get('/api/v1/webhooks'), 200));
  for (const { webhook_id } of data) await platform.delete(`/api/v1/webhooks/${webhook_id}`);
  await receiver[Symbol.asyncDispose]();
});
afterAll(async () => platform[Symbol.asyncDispose]());

const hook = () => `${receiver.named}/hook?a=b`;
const received = (count: number) =>
  until(() => (receiver.received.length >= count ? receiver.received : undefined), {
    ...WAIT,
    describe: `the receiver has heard ${count} times`,
  });
const delivery = (webhookId: string, status: string) =>
  until(async () => (await deliveriesOf(platform, webhookId, `&status=${status}`))[0], {
    ...WAIT,
    describe: `the delivery is ${status}`,
  });

describe('a webhook', () => {
  it('hears of every end of a task, signed, with the task as it is', async () => {
    const { webhook_id, secret } = await newWebhook(platform, { url: hook(), description: 'mine' });
    const completed = await createTask(platform, 'echo', { options: { message: 'hello' }, tag: 'a tag' });
    const failed = await createTask(platform, 'echo', { options: { fail: 'error' } });
    const cancelled = await createTask(platform, 'echo', { options: { delay_ms: 60_000 } });
    await cancelTask(platform, cancelled.task_id);

    const got = await received(3);

    const messages = got.map((request) => verified(request, secret));
    const types = new Map(messages.map(({ type, data }) => [data.task_id, type]));
    expect(types).toEqual(
      new Map([
        [completed.task_id, 'task.completed'],
        [failed.task_id, 'task.failed'],
        [cancelled.task_id, 'task.cancelled'],
      ]),
    );
    for (const { data, timestamp } of messages) {
      const task = await readTask(platform, data.task_id);
      expect(data).toEqual(task);
      expect(timestamp).toBe(task.finished_at);
    }
    expect(new Set(messageIds(got)).size).toBe(3);
    expect(got[0]).toMatchObject({ method: 'POST', path: '/hook?a=b' });
    expect(got[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Toolyard' });
    await until(async () => (await deliveriesOf(platform, webhook_id, '&status=delivered')).length === 3, {
      ...WAIT,
      describe: 'the log says so',
    });
  });

  it('hears of what it wants to hear, and of nobody else', async () => {
    const { webhook_id } = await newWebhook(platform, { url: hook(), events: ['task.failed'] });
    const stranger = await newUser(platform, 'user');
    const ends = [
      await createTask(platform, 'echo'),
      await createTask(platform.as(stranger.credentials), 'echo', { options: { fail: 'error' } }),
    ];
    await finishedTask(platform, ends[0]?.task_id ?? '');
    await finishedTask(platform.as(stranger.credentials), ends[1]?.task_id ?? '');
    const { task_id } = await createTask(platform, 'echo', { options: { fail: 'error' } });

    await delivery(webhook_id, 'delivered');

    expect(messageIds(receiver.received)).toEqual([`evt_${task_id}`]);
    await expect(json(await stranger.get(`/api/v1/webhooks/${webhook_id}/deliveries`), 404)).resolves.toBeDefined();
  });

  it('signs with both secrets for a day after a change, and each is shown once', async () => {
    const { webhook_id, secret: first } = await newWebhook(platform, { url: hook() });
    const given = (await json(await platform.postJson(`/api/v1/webhooks/${webhook_id}/secret`, {}), 201)) as {
      secret: string;
    };
    await createTask(platform, 'echo');
    const [both] = await received(1);
    if (!both) throw new Error('Nothing came.');

    expect(verified(both, first)).toEqual(verified(both, given.secret));
    changeRows(platform, 'update webhook set previous_until = 1 where id = ?', webhook_id);
    await createTask(platform, 'echo');
    const [, one] = await received(2);
    if (!one) throw new Error('Nothing came.');
    expect(verified(one, given.secret)).toBeDefined();
    expect(() => verified(one, first)).toThrow('signature');

    const shown = JSON.stringify(await json(await platform.get(`/api/v1/webhooks/${webhook_id}`), 200));
    const kept = ['', '-wal'].map((end) => readFileSync(join(platform.dataDir, `toolyard.sqlite${end}`), 'latin1'));
    for (const text of [shown, ...kept, platform.logs()])
      for (const secret of [first, given.secret]) expect(text.includes(secret.slice(6))).toBe(false);
  });

  it('is changed, disabled and removed', async () => {
    const { webhook_id } = await newWebhook(platform, { url: `${receiver.named}/old` });
    const path = `/api/v1/webhooks/${webhook_id}`;

    await expect(
      json(await platform.patchJson(path, { url: hook(), events: ['task.completed'], disabled: true }), 200),
    ).resolves.toMatchObject({ url: hook(), events: ['task.completed'], disabled_reason: 'owner' });
    await finishedTask(platform, (await createTask(platform, 'echo')).task_id);
    await json(await platform.patchJson(path, { disabled: false }), 200);
    const { task_id } = await createTask(platform, 'echo');
    await received(1);

    expect(messageIds(receiver.received)).toEqual([`evt_${task_id}`]);
    expect((await platform.delete(path)).status).toBe(204);
    expect(await problemOf(await platform.get(path))).toMatchObject({ error: { code: 'webhook_not_found' } });
    expect(queryRows(platform, 'select * from webhook_delivery')).toEqual([]);
  });

  it.each([
    'http://127.0.0.1/',
    'http://[::1]:8080/',
    'http://169.254.169.254/latest/meta-data',
    'http://user:word@receiver.example/',
    'ftp://receiver.example/',
    'not a URL',
  ])('cannot have the address %s, nor can a task', async (url) => {
    expect(await problemOf(await platform.postJson('/api/v1/webhooks', { url }))).toMatchObject({
      status: 422,
      error: { code: 'address_not_allowed' },
    });
    const wanted = { options: {}, callback_url: url };
    expect(await problemOf(await platform.postJson('/api/v1/tools/echo/process', wanted))).toMatchObject({
      error: { code: 'address_not_allowed' },
    });
  });

  it('is one of fifty at most', async () => {
    const user = await newUser(platform, 'user');
    for (let count = 0; count < 50; count++) await newWebhook(user, { url: 'https://receiver.example/' });

    const problem = await problemOf(await user.postJson('/api/v1/webhooks', { url: 'https://receiver.example/' }));

    expect(problem).toMatchObject({ error: { code: 'too_many_webhooks' } });
  });
});

const ask = (body: object) => platform.postJson('/api/v1/tools/echo/process', body);

describe('callback_url', () => {
  it('needs somebody who signs, once', async () => {
    expect(await problemOf(await ask({ callback_url: hook() }))).toMatchObject({
      error: { code: 'callbacks_missing' },
    });
    await newWebhook(platform, {});

    expect(await problemOf(await platform.postJson('/api/v1/webhooks', {}))).toMatchObject({
      error: { code: 'callbacks_exist' },
    });
    await json(await ask({ callback_url: hook() }), 202);
    await received(1);
  });

  it('is where the end of this task is told, and of no other, by JSON and by form', async () => {
    const { webhook_id, secret } = await newWebhook(platform, {});
    const plain = await createTask(platform, 'echo');
    const { task_id } = (await json(await ask({ callback_url: hook() }), 202)) as { task_id: string };
    const form = new FormData();
    form.append('callback_url', `${receiver.named}/form`);
    await json(await platform.post('/api/v1/tools/echo/process', { body: form }), 202);
    await finishedTask(platform, plain.task_id);

    const got = await received(2);

    expect(got.map(({ path }) => path).toSorted()).toEqual(['/form', '/hook?a=b']);
    for (const request of got) expect(verified(request, secret).type).toBe('task.completed');
    expect(messageIds(got)).toContain(`evt_${task_id}`);
    await until(async () => (await deliveriesOf(platform, webhook_id, '&status=delivered')).length === 2, {
      ...WAIT,
      describe: 'both are delivered, and nothing else was to be',
    });
  });

  it('does not stop the others when one receiver is gone', async () => {
    const { webhook_id } = await newWebhook(platform, {});
    behave = (_, response) => void response.writeHead(410).end();

    await json(await ask({ callback_url: hook() }), 202);

    await expect(delivery(webhook_id, 'failed')).resolves.toMatchObject({ callback_url: hook() });
    await expect(json(await platform.get(`/api/v1/webhooks/${webhook_id}`), 200)).resolves.toMatchObject({
      disabled_at: null,
    });
  });
});

describe('a delivery', () => {
  it('is sent again when somebody wants it, the same in every byte', async () => {
    const { webhook_id } = await newWebhook(platform, { url: hook() });
    const { task_id } = await createTask(platform, 'echo', { options: { message: 'once' } });
    await delivery(webhook_id, 'delivered');
    const path = `/api/v1/webhooks/${webhook_id}/deliveries/${task_id}`;

    await platform.delete(`/api/v1/tasks/${task_id}`);
    await json(await platform.postJson(`${path}/redeliver`, {}), 202);
    const [first, second] = await received(2);

    expect(second?.body).toBe(first?.body);
    expect(messageIds([...receiver.received])).toEqual([`evt_${task_id}`, `evt_${task_id}`]);
    await until(
      async () => {
        const { attempts } = (await json(await platform.get(path), 200)) as { attempts: unknown[] };
        return attempts.length === 2;
      },
      { ...WAIT, describe: 'both attempts are in the log' },
    );
  });

  it('waits for the receiver as long as it asks', async () => {
    behave = (_, response) => void response.writeHead(503, { 'retry-after': '3600' }).end();
    const { webhook_id } = await newWebhook(platform, { url: hook() });
    await createTask(platform, 'echo');

    const waiting = await until(
      async () => (await deliveriesOf(platform, webhook_id)).find((d) => d.attempts.length > 0),
      {
        ...WAIT,
        describe: 'it was tried',
      },
    );

    const pause = Date.parse(String(waiting.next_attempt_at)) - Date.parse(String(waiting.attempts[0]?.at));
    expect(pause).toBeGreaterThanOrEqual(3_600_000);
    expect(pause).toBeLessThan(3_630_000);
    const path = `/api/v1/webhooks/${webhook_id}`;
    await json(await platform.patchJson(path, { disabled: true }), 200);
    const again = await platform.postJson(`${path}/deliveries/${waiting.task_id}/redeliver`, {});
    expect(await problemOf(again)).toMatchObject({ error: { code: 'webhook_disabled' } });
  });

  it('is not made by a request that is refused', async () => {
    await newWebhook(platform, { url: hook() });

    expect((await postTask(platform, 'echo', { options: { nonsense: true } })).status).toBe(422);

    expect(queryRows(platform, 'select * from webhook_delivery')).toEqual([]);
  });
});
