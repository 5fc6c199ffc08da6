import { z } from 'zod';
import { DELIVERY_STATUSES, type Delivery } from './delivery.entity.js';
import { messageId } from './delivery.payload.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

export const deliverySchema = z
  .object({
    webhook_id: z.uuid(),
    task_id: z.uuid(),
    message_id: z.string().describe('The header `webhook-id`: the same whenever it is sent.'),
    event: z.string(),
    callback_url: z.string().nullable().describe('Where it goes, when the task has named the address.'),
    status: z.enum(DELIVERY_STATUSES),
    created_at: time,
    next_attempt_at: time.nullable().describe('Only while it is pending.'),
    finished_at: time.nullable(),
    attempts: z
      .array(
        z.object({
          at: time,
          status: z.int().nullable().describe('What the receiver answered; null when it did not.'),
          error: z.string().nullable(),
          duration_ms: z.int(),
        }),
      )
      .describe('The latest 20, oldest first.'),
  })
  .meta({ id: 'Delivery' });

export type DeliveryDocument = z.output<typeof deliverySchema>;

export function deliveryDocument(delivery: Delivery): DeliveryDocument {
  return {
    webhook_id: delivery.webhookId,
    task_id: delivery.taskId,
    message_id: messageId(delivery.taskId),
    event: delivery.event,
    callback_url: delivery.callbackUrl ?? null,
    status: delivery.status,
    created_at: delivery.createdAt.toISOString(),
    next_attempt_at: delivery.status === 'pending' ? delivery.nextAttemptAt.toISOString() : null,
    finished_at: delivery.finishedAt?.toISOString() ?? null,
    attempts: delivery.log.map(({ at, status, error, duration_ms }) => ({ at, status, error, duration_ms })),
  };
}
