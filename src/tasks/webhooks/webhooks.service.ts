import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/actor.js';
import { AuditLog } from '../../auth/audit/audit.log.js';
import type { AuditAction } from '../../auth/audit/audit.event.js';
import { placeOf } from '../../auth/audit/audit.source.js';
import type { Visit } from '../../auth/visit.js';
import { Problem } from '../../errors/problem.js';
import { Outbound } from '../../outbound/outbound.js';
import { DeliveryStore } from './delivery.store.js';
import { type NewWebhook, storedEvents, type WebhookChange } from './webhook.document.js';
import type { Webhook } from './webhook.entity.js';
import { WebhookSecrets } from './webhook.secrets.js';
import { WebhookStore } from './webhook.store.js';

const MOST_WEBHOOKS = 50;
/** In which receivers can be told the new secret. */
const BOTH_SECRETS_MS = 24 * 3_600_000;

/** A webhook, and its secret in clear. */
export interface WithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** What users do with their webhooks. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly store: WebhookStore,
    private readonly deliveries: DeliveryStore,
    private readonly secrets: WebhookSecrets,
    private readonly outbound: Outbound,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem `address_not_allowed`, `too_many_webhooks` or `callbacks_exist` */
  async create(actor: Actor, { url, description, events }: NewWebhook, visit: Visit): Promise<WithSecret> {
    if (url === null) await this.refuseSecond(actor);
    else this.outbound.check(url);
    if ((await this.store.count(actor.id)) >= MOST_WEBHOOKS)
      throw new Problem('too_many_webhooks', `You have ${MOST_WEBHOOKS} webhooks, and may not have more.`);
    const id = randomUUIDv7();
    const { secret, sealed } = this.secrets.make(id);
    const webhook: Webhook = {
      id,
      owner: actor.id,
      url,
      description,
      events: storedEvents(events),
      secret: sealed,
      previousSecret: null,
      previousUntil: null,
      disabledAt: null,
      disabledReason: null,
      createdAt: this.store.now(),
    };
    await this.store.insert(webhook);
    await this.note('webhook_create', actor, id, visit);
    return { webhook, secret };
  }

  list(actor: Actor, limit: number, after?: string): Promise<Webhook[]> {
    return this.store.list(actor.id, limit, after);
  }

  /** @throws Problem `webhook_not_found` */
  async find(actor: Actor, id: string): Promise<Webhook> {
    const webhook = await this.store.find(actor.id, id);
    if (webhook) return webhook;
    throw new Problem('webhook_not_found', `There is no webhook ${id}.`);
  }

  /** @throws Problem also `address_not_allowed` */
  async change(actor: Actor, id: string, change: WebhookChange, visit: Visit): Promise<Webhook> {
    const webhook = await this.find(actor, id);
    const { url, description, events, disabled } = change;
    if (url !== undefined && webhook.url === null)
      throw new Problem('invalid_request', '/url: this webhook serves the addresses that tasks name.');
    if (url !== undefined) this.outbound.check(url);
    const changes = {
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...(events !== undefined && { events: storedEvents(events) }),
      ...(disabled !== undefined && this.disabling(webhook, disabled)),
    };
    if (Object.keys(changes).length === 0) return webhook;
    await this.store.change(id, changes);
    if (disabled) await this.deliveries.giveUp(id);
    await this.note('webhook_change', actor, id, visit);
    return { ...webhook, ...changes };
  }

  /** A new secret. The one before it signs for another day, too. */
  async rotate(actor: Actor, id: string, visit: Visit): Promise<WithSecret> {
    const webhook = await this.find(actor, id);
    const { secret, sealed } = this.secrets.make(id);
    const previousUntil = new Date(this.store.now().getTime() + BOTH_SECRETS_MS);
    const changes = { secret: sealed, previousSecret: webhook.secret, previousUntil };
    await this.store.change(id, changes);
    await this.note('webhook_secret', actor, id, visit);
    return { webhook: { ...webhook, ...changes }, secret };
  }

  async remove(actor: Actor, id: string, visit: Visit): Promise<void> {
    await this.find(actor, id);
    await this.store.remove(id);
    await this.note('webhook_remove', actor, id, visit);
  }

  private disabling({ disabledAt, disabledReason }: Webhook, disabled: boolean): Partial<Webhook> {
    if (!disabled) return { disabledAt: null, disabledReason: null };
    return { disabledAt: disabledAt ?? this.store.now(), disabledReason: disabledReason ?? 'owner' };
  }

  private async refuseSecond({ id }: Actor): Promise<void> {
    const existing = await this.store.forCallbacks(id);
    if (existing)
      throw new Problem('callbacks_exist', `The webhook ${existing.id} serves the addresses that tasks name already.`);
  }

  private note(action: AuditAction, { id: actorId }: Actor, id: string, visit: Visit): Promise<void> {
    return this.audit.record({ action, actorId, object: `webhook:${id}`, ...placeOf(visit) });
  }
}
