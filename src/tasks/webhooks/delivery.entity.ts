import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** One time that it was tried. */
export interface DeliveryAttempt {
  /** RFC 3339. */
  readonly at: string;
  /** What the receiver answered; null when it did not. */
  readonly status: number | null;
  /** Why that is not a success, in a sentence. */
  readonly error: string | null;
  readonly duration_ms: number;
}

/** The end of one task, to be told to one webhook. The row is written by the statement that ends the task. */
export const Delivery = defineEntity({
  name: 'Delivery',
  tableName: 'webhook_delivery',
  properties: {
    webhookId: p.uuid().primary(),
    taskId: p.uuid().primary(),
    owner: p.string(),
    /** `task.completed`, `task.failed` or `task.cancelled`. */
    event: p.string(),
    /** Where it goes instead of the address of the webhook. */
    callbackUrl: p.text().nullable(),
    status: p.enum(DELIVERY_STATUSES),
    /** The body; from the first attempt on it stays the same. */
    payload: p.text().nullable(),
    /** How often it was tried since somebody asked for it last. */
    attempts: p.integer(),
    /** How often a process has taken it: what an earlier one says of it does not count any more. */
    claim: p.integer(),
    /** While a process has it: when it is taken for dead. */
    nextAttemptAt: p.datetime(),
    log: p.json<DeliveryAttempt[]>(),
    createdAt: p.datetime(),
    finishedAt: p.datetime().nullable(),
  },
});

export type Delivery = InferEntity<typeof Delivery>;
