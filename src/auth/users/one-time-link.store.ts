import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { newSecretToken, secretTokenHash } from '../secret.token.js';
import { type LinkPurpose, OneTimeLink } from './one-time-link.entity.js';

/** What a link is for. */
export type LinkTarget = Pick<OneTimeLink, 'purpose'> & Partial<Pick<OneTimeLink, 'userId' | 'role'>>;

/** A link, as it is given away: the token is kept nowhere. */
export interface GivenLink {
  readonly token: string;
  readonly purpose: LinkPurpose;
  readonly expiresAt: Date;
}

const OPEN = 'used_at is null and expires_at > ?';

/** The rows of links that work once. */
@Injectable()
export class OneTimeLinkStore {
  private readonly rows: Rows<OneTimeLink>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(OneTimeLink);
  }

  async give({ purpose, userId = null, role = null }: LinkTarget, validMs: number): Promise<GivenLink> {
    const token = newSecretToken();
    const expiresAt = new Date(Date.now() + validMs);
    await this.rows.insert({ hash: secretTokenHash(token), purpose, userId, role, expiresAt, usedAt: null });
    return { token, purpose, expiresAt };
  }

  /** The link, as long as it can be used. */
  find(token: string, purpose: LinkPurpose, now = new Date()): Promise<OneTimeLink | undefined> {
    return this.rows.find(`hash = ? and purpose = ? and ${OPEN}`, [secretTokenHash(token), purpose, now]);
  }

  /** True for one of all who try: the others are too late. */
  async use({ hash }: OneTimeLink, now = new Date()): Promise<boolean> {
    return (await this.rows.update({ usedAt: now }, `hash = ? and ${OPEN}`, [hash, now])) === 1;
  }

  /** Takes all links of this kind out of use, for one user or, without, for all. Answers how many there were. */
  async close(purpose: LinkPurpose, userId?: string, now = new Date()): Promise<number> {
    if (userId === undefined) return this.rows.update({ usedAt: now }, `purpose = ? and ${OPEN}`, [purpose, now]);
    return this.rows.update({ usedAt: now }, `purpose = ? and user_id = ? and ${OPEN}`, [purpose, userId, now]);
  }

  /** Removes what nobody can use any more. */
  async purge(now = new Date()): Promise<number> {
    return this.database.work((em) => em.nativeDelete(OneTimeLink, { expiresAt: { $lt: now } }));
  }
}
