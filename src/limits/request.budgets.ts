import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { type BudgetName, limitsOf } from './budget.js';
import { RateLimiter } from './rate-limiter.js';

const WINDOW_S = 60;

/** How many requests a minute, and the header fields that say so (draft-ietf-httpapi-ratelimit-headers-10). */
@Injectable()
export class RequestBudgets {
  private readonly limits: Readonly<Record<BudgetName, number>>;

  constructor(
    private readonly limiter: RateLimiter,
    config: Config,
  ) {
    this.limits = limitsOf(config);
  }

  /**
   * Counts one request.
   *
   * @param key whose budget it is: an actor or an address
   * @throws Problem `rate_limited`
   */
  async spend(reply: FastifyReply, budget: BudgetName, key: string): Promise<void> {
    const limit = this.limits[budget];
    if (limit === 0) return;
    const verdict = await this.limiter.hit(`${budget}:${key}`, { limit, windowMs: WINDOW_S * 1000 });
    const wait = Math.ceil(verdict.retryAfterMs / 1000);
    reply.header('ratelimit-policy', `"${budget}";q=${limit};w=${WINDOW_S}`);
    reply.header('ratelimit', `"${budget}";r=${verdict.remaining}${verdict.allowed ? '' : `;t=${wait}`}`);
    if (!verdict.allowed) throw refusal(budget, limit, wait);
  }
}

function refusal(budget: BudgetName, limit: number, wait: number): Problem {
  const message = `More than ${limit} requests a minute of the kind "${budget}". Try again in ${wait} s.`;
  return new Problem('rate_limited', message, { headers: { 'retry-after': String(wait) } });
}
