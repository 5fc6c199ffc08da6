import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { isOutage } from '../../database/patience.js';
import { taskEvents } from '../task.channels.js';
import { isTerminal } from '../task.status.js';
import type { Delivery } from './delivery.entity.js';
import { ATTEMPT_MS } from './delivery.post.js';
import { type Busy, DeliveryStore } from './delivery.store.js';
import { DeliveryTry } from './delivery.try.js';

/** Whoever has taken a delivery and is not done by then is dead. */
const LEASE_MS = ATTEMPT_MS + 9_000;
const LOOK_MS = 5_000;
/** Tasks that end at the same time are looked for together. */
const TOGETHER_MS = 100;
const PURGE_MS = 3_600_000;
/** They wait for others more than they work. */
const MOST_AT_ONCE = 64;
/** A receiver that is slow must not keep others waiting, nor must somebody who has many of them. */
const MOST_PER_WEBHOOK = 4;
const MOST_PER_OWNER = 16;

/** Delivers what is due. Every process has one; which of them sends what is decided by the rows. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WebhookSender.name);
  private readonly stopping = new AbortController();
  private readonly sending = new Map<Promise<void>, Delivery>();
  private readonly timers: NodeJS.Timeout[] = [];
  private soon: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private unsubscribe: (() => void) | undefined;
  private isClosing = false;
  private hasFailed = false;

  constructor(
    private readonly config: Config,
    private readonly deliveries: DeliveryStore,
    private readonly tries: DeliveryTry,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = taskEvents.subscribe((event) => {
      if (event.type === 'status' && isTerminal(event.task.status)) this.lookIn(TOGETHER_MS);
    });
    this.timers.push(setInterval(() => this.look(), LOOK_MS));
    this.timers.push(setInterval(() => void this.deliveries.purge().catch(() => {}), PURGE_MS));
    this.lookIn(0);
  }

  /** Those that are being sent get the time that tasks get; what is not done then is done by another process. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    this.unsubscribe?.();
    [...this.timers, this.soon].forEach((timer) => clearInterval(timer));
    await this.looking;
    const all = Promise.allSettled(this.sending.keys());
    await Promise.race([all, sleep(this.config.SHUTDOWN_GRACE_MS, undefined, { ref: false })]);
    this.stopping.abort(new Error('The server stops.'));
    await all;
  }

  private lookIn(ms: number): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.look();
    }, ms);
  }

  private look(): void {
    if (this.isClosing) return;
    this.looking ??= this.takeAll().finally(() => (this.looking = undefined));
  }

  private async takeAll(): Promise<void> {
    try {
      while (!this.isClosing && this.sending.size < MOST_AT_ONCE) {
        const delivery = await this.deliveries.claim(LEASE_MS, this.busy());
        this.hasFailed = false;
        if (!delivery) return;
        this.begin(delivery);
      }
    } catch (error) {
      if (!this.hasFailed) this.logger.warn({ err: error, msg: 'Deliveries cannot be looked for now.' });
      this.hasFailed = true;
    }
  }

  private begin(delivery: Delivery): void {
    const sending = this.perform(delivery).finally(() => {
      this.sending.delete(sending);
      // There is room again, and perhaps something that waited for it.
      this.look();
    });
    this.sending.set(sending, delivery);
  }

  private async perform(delivery: Delivery): Promise<void> {
    try {
      const againMs = await this.tries.perform(delivery, this.stopping.signal);
      if (againMs < 2 * LOOK_MS) setTimeout(() => this.look(), againMs).unref();
    } catch (error) {
      if (!this.stopping.signal.aborted) this.tellFault(delivery, error);
    }
  }

  private tellFault({ webhookId, taskId }: Delivery, error: unknown): void {
    const ids = { webhook_id: webhookId, task_id: taskId };
    const msg = 'A delivery could not be tried; it is tried again when its lease has ended.';
    if (isOutage(error)) this.logger.warn({ ...ids, err: error, msg });
    else this.logger.error({ ...ids, err: error, msg });
  }

  private busy(): Busy {
    const sending = [...this.sending.values()];
    return {
      webhooks: those(sending, ({ webhookId }) => webhookId, MOST_PER_WEBHOOK),
      owners: those(sending, ({ owner }) => owner, MOST_PER_OWNER),
    };
  }
}

/** Who has so many of them. */
function those(sending: readonly Delivery[], whose: (delivery: Delivery) => string, most: number): string[] {
  return [...Map.groupBy(sending, whose)].filter(([, theirs]) => theirs.length >= most).map(([id]) => id);
}
