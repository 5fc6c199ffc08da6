import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** Where the owner wants to hear of the ends of tasks. One without an address serves the `callback_url` of tasks. */
export const Webhook = defineEntity({
  name: 'Webhook',
  tableName: 'webhook',
  properties: {
    id: p.uuid().primary(),
    owner: p.string(),
    /** Null: each task names its own; an owner has at most one such webhook. */
    url: p.text().nullable(),
    description: p.string().nullable(),
    /** Statuses with spaces between them: `completed failed`. */
    events: p.string(),
    /** Sealed, as is the one before it, which signs, too, for a day after a change. */
    secret: p.text(),
    previousSecret: p.text().nullable(),
    previousUntil: p.datetime().nullable(),
    disabledAt: p.datetime().nullable(),
    /** `owner`, or `gone` when the receiver has answered 410. */
    disabledReason: p.string().nullable(),
    createdAt: p.datetime(),
  },
});

export type Webhook = InferEntity<typeof Webhook>;
