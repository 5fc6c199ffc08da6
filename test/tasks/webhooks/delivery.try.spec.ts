import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '../../../src/tasks/webhooks/delivery.entity.js';
import type { DeliveryPost } from '../../../src/tasks/webhooks/delivery.post.js';
import type { DeliveryStore } from '../../../src/tasks/webhooks/delivery.store.js';
import { DeliveryTry } from '../../../src/tasks/webhooks/delivery.try.js';
import type { WebhookSecrets } from '../../../src/tasks/webhooks/webhook.secrets.js';
import type { WebhookStore } from '../../../src/tasks/webhooks/webhook.store.js';
import type { TaskStore } from '../../../src/tasks/task.store.js';

const DELIVERY = { webhookId: 'w', taskId: 't', payload: '{}', claim: 1 } as Delivery;

/** Answers whether the delivery was given back when sending it has thrown. */
async function givenBack(signal: AbortSignal): Promise<boolean> {
  let isReleased = false;
  const deliveries = { now: () => new Date(), release: async () => void (isReleased = true) };
  const webhooks = { findAny: async () => ({ id: 'w', url: 'https://example.org/' }) };
  const post = { send: () => Promise.reject(signal.aborted ? signal.reason : new TypeError('A fault of ours.')) };
  const tries = new DeliveryTry(
    deliveries as unknown as DeliveryStore,
    webhooks as unknown as WebhookStore,
    {} as TaskStore,
    { live: () => ['secret'] } as unknown as WebhookSecrets,
    post as unknown as DeliveryPost,
  );
  await expect(tries.perform(DELIVERY, signal)).rejects.toThrow(/A fault of ours|The server stops/);
  return isReleased;
}

describe('a delivery that was not tried to its end', () => {
  it('is given back by a process that stops', async () => {
    await expect(givenBack(AbortSignal.abort(new Error('The server stops.')))).resolves.toBe(true);
  });

  it('waits for its lease after a fault, and is not taken again at once', async () => {
    await expect(givenBack(new AbortController().signal)).resolves.toBe(false);
  });
});
