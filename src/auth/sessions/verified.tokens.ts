import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type AccessClaims, CLOCK_TOLERANCE_SECONDS } from './access.tokens.js';

const MOST = 10_000;

/**
 * What tokens say whose signature was checked before: checking it costs more than all the rest of the guard, and cannot
 * end differently. Whether they have expired, and whether their session goes on, is asked each time.
 */
@Injectable()
export class VerifiedTokens {
  private readonly claims = new Map<string, AccessClaims>();

  add(token: string, claims: AccessClaims): void {
    if (this.claims.size >= MOST) this.claims.clear();
    this.claims.set(hash('sha256', token), claims);
  }

  find(token: string, now = Date.now()): AccessClaims | undefined {
    const key = hash('sha256', token);
    const claims = this.claims.get(key);
    if (!claims || claims.exp + CLOCK_TOLERANCE_SECONDS > now / 1000) return claims;
    this.claims.delete(key);
    return undefined;
  }
}
