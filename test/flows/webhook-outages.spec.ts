import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { type RemoteServer, startRemote } from '../outbound/remote.server.js';
import { startPlatform } from '../platform.js';
import { scratchDatabase } from '../servers/scratch.js';
import { startRedis } from '../servers/redis.server.js';
import { createTask } from './client.js';
import { startOn } from './grounds.js';
import { type Asker, deliveriesOf, messageIds, newWebhook } from './webhook.receiver.js';

const TASKS = 200;
/** A lease of a dead sender lasts 30 s, and the first pause is up to 6 s. */
const DELIVERED_MS = 90_000;
const TEST_MS = 180_000;

/** A receiver that takes its time, so that something is always on its way. */
const startSlow = (): Promise<RemoteServer> =>
  startRemote((_, response) => void setTimeout(() => response.writeHead(204).end(), 100));

const createAll = async (platform: Parameters<typeof createTask>[0], count: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < count) {
    // What was refused because something is down was not promised anything.
    const made = await createTask(platform, 'echo', { options: { message: `${ids.length}` } }).catch(() => undefined);
    if (made) ids.push(made.task_id);
    else await sleep(100);
  }
  return ids;
};

/**
 * Waits until each has been delivered, and looks whether any of them was told under two names. There may be more: tasks
 * whose creation was not answered any more.
 */
const examine = async (platform: Asker, webhookId: string, ids: readonly string[], receiver: RemoteServer) => {
  const missing = () => {
    const heard = new Set(messageIds(receiver.received));
    return ids.filter((id) => !heard.has(`evt_${id}`));
  };
  const isDone = async () =>
    missing().length === 0 && (await deliveriesOf(platform, webhookId, '&status=pending')).length === 0;
  await until(isDone, { timeoutMs: DELIVERED_MS, describe: 'all are delivered' });

  expect(ids).toHaveLength(TASKS);
  expect(await deliveriesOf(platform, webhookId, '&status=failed')).toEqual([]);
  for (const { body, headers } of receiver.received)
    expect(headers['webhook-id']).toBe(`evt_${JSON.parse(body).data.task_id}`);
};

describe(`of ${TASKS} deliveries each arrives, under one id`, () => {
  it.each(COMBINATIONS.filter(({ name }) => /SQLite and the|PostgreSQL and Bull/.test(name)))(
    'when the server is killed twice on $name',
    async (combination) => {
      await using receiver = await startSlow();
      await using ground = await startOn(combination, { env: { OUTBOUND_ALLOW: 'localhost' } });
      const { platform } = ground;
      const { webhook_id } = await newWebhook(platform, { url: `${receiver.named}/` });
      const creating = createAll(platform, TASKS);
      for (const count of [40, 120]) {
        await until(() => receiver.received.length >= count, { timeoutMs: DELIVERED_MS, describe: 'some arrived' });
        await platform.kill();
        await platform.process('all').start();
      }

      await examine(platform, webhook_id, await creating, receiver);
    },
    TEST_MS,
  );

  it(
    'when the API, a worker and Redis are killed',
    async () => {
      await using redis = await startRedis();
      await using database = await scratchDatabase();
      await using receiver = await startSlow();
      const env = { REDIS_URL: redis.url, DATABASE_URL: database.url, OUTBOUND_ALLOW: 'localhost' };
      await using platform = await startPlatform({ env, roles: ['api', 'worker'] });
      const { webhook_id } = await newWebhook(platform, { url: `${receiver.named}/` });
      const creating = createAll(platform, TASKS);
      const arrived = (count: number) =>
        until(() => receiver.received.length >= count, { timeoutMs: DELIVERED_MS, describe: `${count} arrived` });

      await arrived(30);
      await platform.process('api').kill();
      await platform.process('api').start();
      await arrived(70);
      await redis.kill();
      await redis.start();
      await arrived(110);
      await platform.process('worker').kill();
      await platform.process('worker').start();

      await examine(platform, webhook_id, await creating, receiver);
    },
    TEST_MS,
  );
});
