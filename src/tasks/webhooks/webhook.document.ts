import { z } from 'zod';
import { nameSchema } from '../../auth/users/user.document.js';
import { TERMINAL_STATUSES } from '../task.status.js';
import type { Webhook } from './webhook.entity.js';

const time = z.iso.datetime().describe('RFC 3339, UTC.');

/** Longest address that is taken. */
const URL_LENGTH = 2_000;

export const webhookUrlSchema = z.string().min(1).max(URL_LENGTH).describe('Where to send: http or https.');

const statusSchema = z.enum(TERMINAL_STATUSES);
const events = z
  .array(z.enum(['task.completed', 'task.failed', 'task.cancelled']))
  .min(1)
  .describe('What it hears of.');

export const newWebhookSchema = z
  .strictObject({
    url: webhookUrlSchema
      .nullable()
      .default(null)
      .describe('Where to send. Without, it serves the `callback_url` of tasks; there is one of these at most.'),
    description: nameSchema.nullable().default(null).describe('To tell it from others.'),
    events: events.default(['task.completed', 'task.failed', 'task.cancelled']),
  })
  .meta({ id: 'NewWebhook' });

export type NewWebhook = z.output<typeof newWebhookSchema>;

export const webhookChangeSchema = z
  .strictObject({
    url: webhookUrlSchema.optional(),
    description: nameSchema.nullable().optional(),
    events: events.optional(),
    disabled: z.boolean().optional().describe('What waits for a disabled webhook is given up.'),
  })
  .meta({ id: 'WebhookChange' });

export type WebhookChange = z.output<typeof webhookChangeSchema>;

export const webhookSchema = z
  .object({
    webhook_id: z.uuid(),
    url: z.string().nullable().describe('Null: it serves the `callback_url` of tasks.'),
    description: z.string().nullable(),
    events: z.array(z.string()),
    created_at: time,
    disabled_at: time.nullable(),
    disabled_reason: z.string().nullable().describe('`owner`, or `gone` when the receiver has answered 410.'),
    previous_secret_until: time.nullable().describe('Until when the secret before this one signs, too.'),
  })
  .meta({ id: 'Webhook' });

export type WebhookDocument = z.output<typeof webhookSchema>;

/** The webhook with the one thing that is shown once. */
export const givenWebhookSchema = webhookSchema
  .extend({ secret: z.string().describe('Checks the signatures. Shown only now.') })
  .meta({ id: 'GivenWebhook' });

export type GivenWebhook = z.output<typeof givenWebhookSchema>;

export function webhookDocument(webhook: Webhook): WebhookDocument {
  return {
    webhook_id: webhook.id,
    url: webhook.url ?? null,
    description: webhook.description ?? null,
    events: webhook.events.split(' ').map((status) => `task.${status}`),
    created_at: webhook.createdAt.toISOString(),
    disabled_at: webhook.disabledAt?.toISOString() ?? null,
    disabled_reason: webhook.disabledReason ?? null,
    previous_secret_until: webhook.previousUntil?.toISOString() ?? null,
  };
}

/** As the row keeps them. */
export function storedEvents(names: readonly string[]): string {
  const statuses = names.map((name) => statusSchema.parse(name.replace(/^task\./, '')));
  return [...new Set(statuses)].join(' ');
}
