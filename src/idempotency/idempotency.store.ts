import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../database/database.js';
import type { Statement } from '../database/rows.js';

const HOUR_MS = 3_600_000;
/** An answer is kept for a day. */
const KEPT_MS = 24 * HOUR_MS;
/** A request that is being answered and not heard of for so long died with its process. */
export const LEASE_MS = 30_000;

/** What a request was answered, as far as it is repeated. */
export interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The right to answer the request with this key. */
export interface Attempt {
  readonly owner: string;
  readonly key: string;
  readonly attempt: string;
}

export interface Kept {
  /** Undefined: the request is still being answered. */
  readonly answer?: Answer;
  readonly fingerprint: string;
}

const answerSchema = z.object({ headers: z.record(z.string(), z.string()), body: z.unknown() });

/** Rows of keys: one for each owner and key, with the answer as soon as there is one. */
@Injectable()
export class IdempotencyStore {
  constructor(private readonly database: Database) {}

  /** Takes the key for a new request. Undefined: another one has it. */
  async claim(owner: string, key: string, now = this.database.now()): Promise<Attempt | undefined> {
    const attempt = randomUUID();
    const taken = await this.database.change(
      `insert into idempotency (owner, idempotency_key, attempt, lease_expires_at, expires_at) values (?, ?, ?, ?, ?)
        on conflict (owner, idempotency_key) do update
          set attempt = excluded.attempt, lease_expires_at = excluded.lease_expires_at,
              expires_at = excluded.expires_at, fingerprint = null, answer = null
        where idempotency.expires_at < ? or (idempotency.answer is null and idempotency.lease_expires_at < ?)`,
      [owner, key, attempt, after(now, LEASE_MS), after(now, KEPT_MS), now, now],
    );
    return taken === 1 ? { owner, key, attempt } : undefined;
  }

  /** What is known of a key that was taken; undefined when it has just been given back. */
  async find(owner: string, key: string): Promise<Kept | undefined> {
    const [row] = await this.database.query(
      'select fingerprint, answer from idempotency where owner = ? and idempotency_key = ?',
      [owner, key],
    );
    if (!row) return undefined;
    const fingerprint = String(row['fingerprint']);
    if (typeof row['answer'] !== 'string') return { fingerprint };
    return { fingerprint, answer: answerSchema.parse(JSON.parse(row['answer'])) };
  }

  /** Says that the request is still being answered. */
  async renew({ owner, key, attempt }: Attempt): Promise<void> {
    await this.database.change(
      `update idempotency set lease_expires_at = ? where owner = ? and idempotency_key = ? and attempt = ?`,
      [after(this.database.now(), LEASE_MS), owner, key, attempt],
    );
  }

  /** The statement that keeps the answer; it changes nothing when the key was lost to another request. */
  completing({ owner, key, attempt }: Attempt, fingerprint: string, answer: Answer): Statement {
    return {
      text: `update idempotency set fingerprint = ?, answer = ?
              where owner = ? and idempotency_key = ? and attempt = ? and answer is null`,
      values: [fingerprint, JSON.stringify(answer), owner, key, attempt],
    };
  }

  async complete(attempt: Attempt, fingerprint: string, answer: Answer): Promise<void> {
    const { text, values } = this.completing(attempt, fingerprint, answer);
    await this.database.change(text, values);
  }

  /** Gives the key back, because there is no answer to keep. */
  async release({ owner, key, attempt }: Attempt): Promise<void> {
    await this.database.change(
      'delete from idempotency where owner = ? and idempotency_key = ? and attempt = ? and answer is null',
      [owner, key, attempt],
    );
  }

  /** Removes old keys. Answers how many. */
  purge(now = this.database.now()): Promise<number> {
    return this.database.change('delete from idempotency where expires_at < ?', [now]);
  }
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
