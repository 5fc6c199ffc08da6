import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { taskSchema } from '../../src/tasks/task.document.js';
import { type DeliveryDocument, deliverySchema } from '../../src/tasks/webhooks/delivery.document.js';
import { type GivenWebhook, givenWebhookSchema } from '../../src/tasks/webhooks/webhook.document.js';
import type { Received } from '../outbound/remote.server.js';
import type { Visitor } from '../visitor.js';

export type Asker = Pick<Visitor, 'get' | 'postJson'>;

const messageSchema = z.object({ type: z.string(), timestamp: z.iso.datetime(), data: taskSchema });
const pageSchema = z.object({ data: z.array(deliverySchema) });

/** Makes a webhook; the document is checked against the published schema. */
export async function newWebhook(platform: Asker, wanted: object): Promise<GivenWebhook> {
  return givenWebhookSchema.parse(await json(await platform.postJson('/api/v1/webhooks', wanted), 201));
}

export async function deliveriesOf(platform: Asker, webhookId: string, query = ''): Promise<DeliveryDocument[]> {
  const response = await platform.get(`/api/v1/webhooks/${webhookId}/deliveries?limit=200${query}`);
  return pageSchema.parse(await json(response, 200)).data;
}

/** What was sent, when its signature is right, as a receiver would check it; throws otherwise. */
export function verified({ body, headers }: Received, secret: string): z.output<typeof messageSchema> {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return messageSchema.parse(new Webhook(secret).verify(body, named));
}

export function messageIds(received: readonly Received[]): string[] {
  return received.map(({ headers }) => String(headers['webhook-id']));
}

export async function json(response: Response, status: number): Promise<unknown> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, but got ${response.status}: ${text}`);
  return JSON.parse(text);
}
