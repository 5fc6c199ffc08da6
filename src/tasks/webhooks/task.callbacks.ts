import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/actor.js';
import { Problem } from '../../errors/problem.js';
import { Outbound } from '../../outbound/outbound.js';
import { WebhookStore } from './webhook.store.js';

/** The addresses that tasks name themselves. */
@Injectable()
export class TaskCallbacks {
  constructor(
    private readonly webhooks: WebhookStore,
    private readonly outbound: Outbound,
  ) {}

  /**
   * What is sent there must be signed, so there must be a secret.
   *
   * @throws Problem `address_not_allowed` or `callbacks_missing`
   */
  async accept(actor: Actor, url: string): Promise<void> {
    this.outbound.check(url);
    const webhook = await this.webhooks.forCallbacks(actor.id);
    if (webhook && !webhook.disabledAt) return;
    const first = webhook ? 'is disabled' : 'does not exist';
    throw new Problem(
      'callbacks_missing',
      `The webhook that signs for callback_url ${first}. Make one by POST /api/v1/webhooks without url.`,
    );
  }
}
