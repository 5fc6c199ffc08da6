import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { Delivery, type DeliveryAttempt } from './delivery.entity.js';

/** How many attempts are remembered of each delivery. */
const MOST_LOGGED = 20;
/** How long a delivery can be looked at, and repeated, when it is over. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Webhooks, and owners, that are being served already as much as they may. */
export interface Busy {
  readonly webhooks: readonly string[];
  readonly owners: readonly string[];
}

/** What has become of a delivery. */
export type DeliveryChange = Pick<Delivery, 'status' | 'attempts' | 'nextAttemptAt' | 'finishedAt'>;

/** The rows of deliveries. Processes take them with a lease, as workers take tasks; times are those of the database's clock. */
@Injectable()
export class DeliveryStore {
  private readonly rows: Rows<Delivery>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(Delivery);
  }

  now(): Date {
    return this.database.now();
  }

  /**
   * Takes the delivery that has been due for longest, or none. One statement, so that no two processes get the same.
   *
   * @param leaseMs after which others may take it, because this process must be dead
   * @param busy who has enough to do
   */
  async claim(leaseMs: number, busy: Busy, now = this.database.now()): Promise<Delivery | undefined> {
    const others = noneOf('webhook_id', busy.webhooks) + noneOf('owner', busy.owners);
    const [row] = await this.database.query(
      `update webhook_delivery set claim = claim + 1, next_attempt_at = ?
        where status = 'pending' and (webhook_id, task_id) = (
          select webhook_id, task_id from webhook_delivery
           where status = 'pending' and next_attempt_at <= ? ${others}
           order by next_attempt_at limit 1 ${this.database.kind === 'postgresql' ? 'for update skip locked' : ''})
        returning ${this.rows.names}`,
      [new Date(now.getTime() + leaseMs), now, ...busy.webhooks, ...busy.owners],
    );
    return row && this.rows.read(row);
  }

  /** Writes what came of an attempt. False: the delivery was taken by somebody else meanwhile, or is gone. */
  async settle(
    { webhookId, taskId, claim, log }: Delivery,
    attempt: DeliveryAttempt,
    payload: string | null,
    change: DeliveryChange,
  ): Promise<boolean> {
    const told = { ...change, payload, log: [...log, attempt].slice(-MOST_LOGGED) };
    const condition = `webhook_id = ? and task_id = ? and claim = ? and status = 'pending'`;
    return (await this.rows.update(told, condition, [webhookId, taskId, claim])) === 1;
  }

  /** Gives back what was taken and not done. */
  async release({ webhookId, taskId, claim }: Delivery): Promise<void> {
    const condition = `webhook_id = ? and task_id = ? and claim = ? and status = 'pending'`;
    await this.rows.update({ nextAttemptAt: this.now() }, condition, [webhookId, taskId, claim]);
  }

  /** Nothing more is sent to this webhook of what waits. */
  async giveUp(webhookId: string): Promise<void> {
    const change = { status: 'failed' as const, finishedAt: this.now() };
    await this.rows.update(change, `webhook_id = ? and status = 'pending'`, [webhookId]);
  }

  find(webhookId: string, taskId: string): Promise<Delivery | undefined> {
    return this.rows.find('webhook_id = ? and task_id = ?', [webhookId, taskId]);
  }

  /** Those of the newest tasks first; `after` is the task of the last row of the page before. */
  async list(
    webhookId: string,
    status: Delivery['status'] | undefined,
    limit: number,
    after?: string,
  ): Promise<Delivery[]> {
    const conditions = ['webhook_id = ?', ...(status ? ['status = ?'] : []), ...(after ? ['task_id < ?'] : [])];
    const rows = await this.database.query(
      `select ${this.rows.names} from webhook_delivery where ${conditions.join(' and ')} order by task_id desc limit ?`,
      [webhookId, ...(status ? [status] : []), ...(after ? [after] : []), limit],
    );
    return rows.map((row) => this.rows.read(row));
  }

  /** It is sent again, at once, and tried as often as a new one. False: there is no such delivery. */
  async again(webhookId: string, taskId: string): Promise<boolean> {
    const change = { status: 'pending' as const, attempts: 0, nextAttemptAt: this.now(), finishedAt: null };
    return (await this.rows.update(change, 'webhook_id = ? and task_id = ?', [webhookId, taskId])) === 1;
  }

  /** Removes what has been over for long. */
  purge(now = this.database.now()): Promise<number> {
    const before = new Date(now.getTime() - KEPT_MS);
    return this.database.change('delete from webhook_delivery where finished_at < ?', [before]);
  }
}

/** SQL that goes on after another condition. */
function noneOf(column: string, values: readonly string[]): string {
  return values.length === 0 ? '' : ` and ${column} not in (${values.map(() => '?').join(', ')})`;
}
