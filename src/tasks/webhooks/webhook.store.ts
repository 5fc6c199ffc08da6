import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { Webhook } from './webhook.entity.js';

/** The rows of webhooks. */
@Injectable()
export class WebhookStore {
  private readonly rows: Rows<Webhook>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(Webhook);
  }

  now(): Date {
    return this.database.now();
  }

  insert(webhook: Webhook): Promise<void> {
    return this.rows.insert(webhook);
  }

  find(owner: string, id: string): Promise<Webhook | undefined> {
    return this.rows.find('id = ? and owner = ?', [id, owner]);
  }

  /** Whoever's it is. */
  findAny(id: string): Promise<Webhook | undefined> {
    return this.rows.find('id = ?', [id]);
  }

  /** The one that serves the `callback_url` of tasks. */
  forCallbacks(owner: string): Promise<Webhook | undefined> {
    return this.rows.find('owner = ? and url is null', [owner]);
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(owner: string, limit: number, after?: string): Promise<Webhook[]> {
    const rows = await this.database.query(
      `select ${this.rows.names} from webhook where owner = ? ${after === undefined ? '' : 'and id < ?'}
        order by id desc limit ?`,
      [owner, ...(after === undefined ? [] : [after]), limit],
    );
    return rows.map((row) => this.rows.read(row));
  }

  async count(owner: string): Promise<number> {
    const [row] = await this.database.query('select count(*) as webhooks from webhook where owner = ?', [owner]);
    return Number(row?.['webhooks']);
  }

  async change(id: string, change: Partial<Webhook>): Promise<void> {
    await this.rows.update(change, 'id = ?', [id]);
  }

  async remove(id: string): Promise<void> {
    await this.database.change('delete from webhook_delivery where webhook_id = ?', [id]);
    await this.database.change('delete from webhook where id = ?', [id]);
  }
}
