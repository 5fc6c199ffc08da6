import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Behaviour, type RemoteServer, startRemote } from '../outbound/remote.server.js';
import { type Platform, startPlatform } from '../platform.js';
import type { DeliveryDocument } from '../../src/tasks/webhooks/delivery.document.js';
import { onBusyMachine } from '../time.limits.js';
import { newUser } from '../users.js';
import { createTask, finishedTask } from './client.js';
import { deliveriesOf, json, messageIds, newWebhook } from './webhook.receiver.js';

const CHUNK = Buffer.alloc(256 * 1024);
const FIVE_GB = 5e9;
const TEST_MS = 60_000;
/** So long a receiver may take to answer. */
const ANSWER_MS = 15_000;

const answer =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, headers).end();
  };
const flood = (response: ServerResponse, left: number): void => {
  let rest = left;
  while (rest > 0 && !response.destroyed && response.write(CHUNK)) rest -= CHUNK.length;
  if (rest > 0 && !response.destroyed) response.once('drain', () => flood(response, rest));
};
const drip = (write: () => void, whenClosed: (stop: () => void) => void): void => {
  const timer = setInterval(write, 100);
  whenClosed(() => clearInterval(timer));
};

/** What a receiver does, and what must be in the log of the delivery after the first attempt, or after all. */
interface Case {
  readonly name: string;
  readonly behave: Behaviour;
  readonly statuses: readonly (number | null)[];
  readonly ends: 'delivered' | 'failed' | 'pending';
  readonly error: RegExp | null;
  readonly mostMs: number;
}

let secretServer: RemoteServer;
let fails = 0;

const CASES: readonly Case[] = [
  {
    name: 'answers 200',
    behave: answer(200),
    statuses: [200],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'answers 299',
    behave: answer(299),
    statuses: [299],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'answers 500, then 200',
    behave: (...given) => answer(fails++ === 0 ? 500 : 200)(...given),
    statuses: [500, 200],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'answers 404',
    behave: answer(404),
    statuses: [404],
    ends: 'pending',
    error: /answered 404/,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'answers 410',
    behave: answer(410),
    statuses: [410],
    ends: 'failed',
    error: /answered 410/,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'redirects to 127.0.0.1',
    behave: (...given) => answer(302, { location: secretServer.url })(...given),
    statuses: [302],
    ends: 'pending',
    error: /redirects are not followed/,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'hangs',
    behave: () => {},
    statuses: [null],
    ends: 'pending',
    error: /within 15 seconds/,
    mostMs: ANSWER_MS + onBusyMachine(3_000),
  },
  {
    name: 'resets the connection',
    behave: ({ socket }) => void socket.resetAndDestroy(),
    statuses: [null],
    ends: 'pending',
    error: /did not answer as it should \(ECONNRESET\)/,
    mostMs: onBusyMachine(2_000),
  },
  {
    name: 'drips its head',
    behave: ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(
        () => socket.write('x: y\r\n'),
        (stop) => socket.once('close', stop),
      );
    },
    statuses: [null],
    ends: 'pending',
    error: /within 15 seconds/,
    mostMs: ANSWER_MS + onBusyMachine(3_000),
  },
  {
    name: 'answers 200 and drips its body',
    behave: (_, response) => {
      response.writeHead(200);
      drip(
        () => response.write('.'),
        (stop) => response.once('close', stop),
      );
    },
    statuses: [200],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(3_000),
  },
  {
    name: 'answers 200 with 5 GB',
    behave: (_, response) => flood(response.writeHead(200), FIVE_GB),
    statuses: [200],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(3_000),
  },
  {
    name: 'answers 200 with a compressed bomb',
    behave: (_, response) => flood(response.writeHead(200, { 'content-encoding': 'gzip' }), FIVE_GB),
    statuses: [200],
    ends: 'delivered',
    error: null,
    mostMs: onBusyMachine(3_000),
  },
];

/** What came of one receiver. */
interface Outcome {
  readonly delivery: DeliveryDocument;
  readonly ids: readonly string[];
  readonly sentBytes: number;
}

async function tryOut(platform: Platform, { behave, statuses }: Case): Promise<Outcome> {
  let sentBytes = 0;
  await using receiver = await startRemote((request, response, got) => {
    response.once('close', () => (sentBytes = Math.max(sentBytes, request.socket.bytesWritten)));
    behave(request, response, got);
  });
  const user = await newUser(platform, 'user');
  const { webhook_id } = await newWebhook(user, { url: `${receiver.named}/` });
  await createTask(user, 'echo');
  const tried = async () => {
    const [delivery] = await deliveriesOf(user, webhook_id);
    return delivery && delivery.attempts.length >= statuses.length ? delivery : undefined;
  };
  const delivery = await until(tried, { timeoutMs: 50_000, describe: 'the delivery was tried' });
  return { delivery, ids: messageIds(receiver.received), sentBytes };
}

describe('a receiver that', () => {
  let platform: Platform;
  let outcomes: ReadonlyMap<Case, Outcome>;

  // Most of them are waited for, so they are asked side by side.
  beforeAll(async () => {
    platform = await startPlatform({ env: { OUTBOUND_ALLOW: 'localhost' } });
    secretServer = await startRemote(answer(200));
    outcomes = new Map(
      await Promise.all(CASES.map(async (one): Promise<[Case, Outcome]> => [one, await tryOut(platform, one)])),
    );
  }, TEST_MS);
  afterAll(async () => {
    await platform[Symbol.asyncDispose]();
    await secretServer[Symbol.asyncDispose]();
  });

  it.each(CASES)('$name finds the delivery $ends', (one) => {
    const { statuses, ends, error, mostMs } = one;
    const { delivery, ids, sentBytes } = outcomes.get(one) ?? {};
    const attempts = delivery?.attempts ?? [];
    const last = attempts.at(-1);

    expect(attempts.map(({ status }) => status)).toEqual(statuses);
    expect(delivery?.status).toBe(ends);
    expect(last?.error ?? '').toMatch(error ?? /^$/);
    expect(Math.max(...attempts.map(({ duration_ms }) => duration_ms))).toBeLessThan(mostMs);
    expect(ids).toEqual(statuses.map(() => delivery?.message_id));
    expect(sentBytes).toBeLessThan(50_000_000);
  });

  it('answers 410 is left alone from then on', async () => {
    await using receiver = await startRemote(answer(410));
    const { webhook_id } = await newWebhook(platform, { url: `${receiver.named}/` });
    await createTask(platform, 'echo');
    await until(async () => (await deliveriesOf(platform, webhook_id, '&status=failed')).length > 0, {
      timeoutMs: 15_000,
      describe: 'the delivery has failed',
    });

    await finishedTask(platform, (await createTask(platform, 'echo')).task_id);

    await expect(json(await platform.get(`/api/v1/webhooks/${webhook_id}`), 200)).resolves.toMatchObject({
      disabled_at: expect.any(String),
      disabled_reason: 'gone',
    });
    await expect(deliveriesOf(platform, webhook_id)).resolves.toHaveLength(1);
  });

  it('hangs holds up what is for itself, and nobody else', async () => {
    await using hanging = await startRemote(() => {});
    await using prompt = await startRemote(answer(204));
    const [patient, other] = [await newUser(platform, 'user'), await newUser(platform, 'user')];
    await newWebhook(patient, { url: `${hanging.named}/` });
    await newWebhook(other, { url: `${prompt.named}/` });
    for (let count = 0; count < 12; count++) await createTask(patient, 'echo');
    await until(() => hanging.received.length === 4, { timeoutMs: 15_000, describe: 'four are on their way' });

    await createTask(other, 'echo');

    await until(() => prompt.received.length === 1, { timeoutMs: 10_000, describe: 'the other one has heard of it' });
    expect(hanging.received).toHaveLength(4);
  });

  it('is never the one to which another one redirects', () => {
    expect(secretServer.connections()).toBe(0);
  });
});
