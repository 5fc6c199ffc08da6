import { Injectable, Logger } from '@nestjs/common';
import { patiently } from '../../database/patience.js';
import type { Task } from '../task.entity.js';
import { TaskStore } from '../task.store.js';
import type { Delivery } from './delivery.entity.js';
import { deliveryPayload, messageId } from './delivery.payload.js';
import { DeliveryPost, type Outcome } from './delivery.post.js';
import { pauseBefore } from './delivery.retries.js';
import { type DeliveryChange, DeliveryStore } from './delivery.store.js';
import type { Webhook } from './webhook.entity.js';
import { WebhookSecrets } from './webhook.secrets.js';
import { WebhookStore } from './webhook.store.js';

/** For which an answer is remembered while the database is away; after that it is asked for again. */
const PATIENCE_MS = 10_000;
const NEVER = Number.POSITIVE_INFINITY;

/** One attempt at one delivery, from the row to the row. */
@Injectable()
export class DeliveryTry {
  private readonly logger = new Logger(DeliveryTry.name);

  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly webhooks: WebhookStore,
    private readonly tasks: TaskStore,
    private readonly secrets: WebhookSecrets,
    private readonly post: DeliveryPost,
  ) {}

  /** Answers after how many milliseconds the next attempt is due. */
  async perform(delivery: Delivery, signal: AbortSignal): Promise<number> {
    const { webhookId, taskId } = delivery;
    const webhook = await this.webhooks.findAny(webhookId);
    const task = delivery.payload === null ? await this.tasks.find(taskId) : undefined;
    const payload = delivery.payload ?? (task && deliveryPayload(delivery.event, task));
    const url = delivery.callbackUrl ?? webhook?.url;
    if (!webhook || webhook.disabledAt || payload === undefined || !url) return this.drop(delivery, webhook, task);

    const secrets = this.secrets.live(webhook, this.deliveries.now());
    const sent = this.post.send({ url, id: messageId(taskId), payload, secrets, signal });
    const outcome = await sent.catch((error: unknown) => this.interrupted(delivery, signal, error));
    return this.settle(delivery, webhook, payload, outcome);
  }

  /** Whoever stops gives it back; after a fault it stays with its lease, so that it is not taken again at once, for ever. */
  private async interrupted(delivery: Delivery, { aborted }: AbortSignal, error: unknown): Promise<never> {
    if (aborted) await this.deliveries.release(delivery);
    throw error;
  }

  private async settle(delivery: Delivery, webhook: Webhook, payload: string, outcome: Outcome): Promise<number> {
    const change = this.change(delivery, outcome);
    const write = () => this.deliveries.settle(delivery, outcome.attempt, payload, change);
    const isWritten = await patiently(write, AbortSignal.timeout(PATIENCE_MS));
    const { status, error } = outcome.attempt;
    this.logger.log({
      webhook_id: webhook.id,
      task_id: delivery.taskId,
      answer: status,
      msg: outcome.isDelivered ? 'A webhook was delivered.' : `A webhook was not delivered: ${error}`,
    });
    if (outcome.isGone && webhook.url !== null) await this.disable(webhook);
    const isDue = isWritten && change.status === 'pending';
    return isDue ? change.nextAttemptAt.getTime() - this.deliveries.now().getTime() : NEVER;
  }

  private change({ attempts, nextAttemptAt }: Delivery, outcome: Outcome): DeliveryChange {
    const now = this.deliveries.now();
    const failed = attempts + 1;
    const pauseMs = pauseBefore(failed, outcome.retryAfterMs);
    if (outcome.isDelivered) return { status: 'delivered', attempts: failed, nextAttemptAt, finishedAt: now };
    if (outcome.isGone || pauseMs === undefined)
      return { status: 'failed', attempts: failed, nextAttemptAt, finishedAt: now };
    const next = new Date(now.getTime() + pauseMs);
    return { status: 'pending', attempts: failed, nextAttemptAt: next, finishedAt: null };
  }

  private async disable({ id }: Webhook): Promise<void> {
    await this.webhooks.change(id, { disabledAt: this.deliveries.now(), disabledReason: 'gone' });
    await this.deliveries.giveUp(id);
  }

  /** There is nobody to tell it to, or nothing to tell. */
  private async drop(delivery: Delivery, webhook: Webhook | undefined, task: Task | undefined): Promise<number> {
    if (!webhook) await this.webhooks.remove(delivery.webhookId);
    const error = task || delivery.payload !== null ? 'The webhook is disabled.' : 'The task was removed.';
    const attempt = { at: this.deliveries.now().toISOString(), status: null, error, duration_ms: 0 };
    const { attempts, nextAttemptAt } = delivery;
    const change = { status: 'failed' as const, attempts, nextAttemptAt, finishedAt: this.deliveries.now() };
    await this.deliveries.settle(delivery, attempt, delivery.payload ?? null, change);
    return NEVER;
  }
}
