import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import { clientAddress } from '../../limits/client.address.js';
import { RateLimiter } from '../../limits/rate-limiter.js';
import { SessionStore } from './session.store.js';

const QUARTER_HOUR_MS = 900_000;

/** Somebody who tries passwords of many accounts from one place. */
const PER_SOURCE = { limit: 100, windowMs: QUARTER_HOUR_MS };
/** Somebody who tries passwords of one account from one place. */
const PER_ACCOUNT_AND_SOURCE = { limit: 10, windowMs: QUARTER_HOUR_MS };
/**
 * Somebody who tries passwords of one account from many places. It counts only for places from where this user never
 * logged in, so nobody can lock a user out of the places where they work.
 */
const PER_ACCOUNT_FROM_ELSEWHERE = { limit: 50, windowMs: QUARTER_HOUR_MS };

/** Letters that one account is sent, and that one place asks for. */
const RESETS_OF_ACCOUNT = { limit: 5, windowMs: 4 * QUARTER_HOUR_MS };
const RESETS_FROM_SOURCE = { limit: 30, windowMs: 4 * QUARTER_HOUR_MS };

/** Counts attempts to log in, and ends them when there are too many. Accounts that do not exist are counted alike. */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly sessions: SessionStore,
  ) {}

  /** @throws Problem `rate_limited` */
  async count(email: string, userId: string | null, address: string | null): Promise<void> {
    const [account, source] = [fingerprint(email.toLowerCase()), sourceOf(address)];
    const familiar = await this.sessions.addresses(userId);
    await this.hit(`login:source:${source}`, PER_SOURCE);
    await this.hit(`login:account:${account}:${source}`, PER_ACCOUNT_AND_SOURCE);
    if (!familiar.some((known) => sourceOf(known) === source))
      await this.hit(`login:elsewhere:${account}`, PER_ACCOUNT_FROM_ELSEWHERE);
  }

  /** @throws Problem `rate_limited` */
  async countReset(email: string, address: string | null): Promise<void> {
    await this.hit(`reset:source:${sourceOf(address)}`, RESETS_FROM_SOURCE);
    await this.hit(`reset:account:${fingerprint(email.toLowerCase())}`, RESETS_OF_ACCOUNT);
  }

  private async hit(key: string, rate: typeof PER_SOURCE): Promise<void> {
    const { allowed, retryAfterMs } = await this.limiter.hit(key, rate);
    if (allowed) return;
    const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
    throw new Problem('rate_limited', `There were too many attempts. Try again in ${seconds} seconds.`, {
      headers: { 'retry-after': seconds },
    });
  }
}

function sourceOf(address: string | null): string {
  return address === null ? 'unknown' : clientAddress({ ip: address });
}

/** What people type where an address is asked for may be a password. */
function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
