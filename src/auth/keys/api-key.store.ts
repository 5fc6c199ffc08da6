import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { ApiKey } from './api-key.entity.js';

/** How exact `last_used_at` is; a write per request would cost more than it tells. */
const USE_NOTED_EVERY_MS = 60_000;

/** The rows of API keys. */
@Injectable()
export class ApiKeyStore {
  private readonly rows: Rows<ApiKey>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(ApiKey);
  }

  insert(key: ApiKey): Promise<void> {
    return this.rows.insert(key);
  }

  findByHash(hash: string): Promise<ApiKey | undefined> {
    return this.rows.find('hash = ?', [hash]);
  }

  /** Whoever's it is. */
  findById(id: string): Promise<ApiKey | undefined> {
    return this.rows.find('id = ?', [id]);
  }

  find(userId: string, id: string): Promise<ApiKey | undefined> {
    return this.rows.find('id = ? and user_id = ?', [id, userId]);
  }

  /** Newest first; `after` is the id of the last row of the page before. Revoked ones are among them. */
  async list(userId: string, limit: number, after?: string): Promise<ApiKey[]> {
    const where = { userId, ...(after && { id: { $lt: after } }) };
    return this.database.look((em) => em.find(ApiKey, where, { orderBy: { id: 'desc' }, limit }));
  }

  /** False: it is revoked already. */
  async revoke(id: string, now = new Date()): Promise<boolean> {
    return (await this.rows.update({ revokedAt: now }, 'id = ? and revoked_at is null', [id])) === 1;
  }

  async noteUse({ id, usedAt }: ApiKey, now = new Date()): Promise<void> {
    if (usedAt && now.getTime() - usedAt.getTime() < USE_NOTED_EVERY_MS) return;
    await this.rows.update({ usedAt: now }, 'id = ?', [id]);
  }
}

/** Whether the key still opens something. */
export function isKeyUsable({ revokedAt, expiresAt }: ApiKey, now: Date): boolean {
  return !revokedAt && (!expiresAt || expiresAt > now);
}
