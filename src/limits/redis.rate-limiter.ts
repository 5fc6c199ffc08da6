import { setTimeout as after } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type Rate, RateLimiter, type Verdict } from './rate-limiter.js';
import { runScript } from './sliding.window.script.js';
import { STEPS } from './sliding.window.js';

/** A count is not worth more of a request's time. */
const ANSWER_MS = 100;
/** So long Redis is left alone when it did not answer. */
const PAUSE_MS = 1_000;
const TELL_AGAIN_MS = 60_000;

const answer = z.tuple([z.number(), z.number(), z.number()]);

/**
 * One count for all processes. When Redis is gone or slow, each process goes on with counts of its own, which begin at
 * nothing: nobody is refused who would not have been, and a flood is still one.
 */
export class RedisRateLimiter extends RateLimiter {
  private readonly logger = new Logger(RedisRateLimiter.name);
  private pausedUntil = 0;
  private tellAfter = 0;

  /** @param clock milliseconds since 1970; without one the clock of Redis counts */
  constructor(
    private readonly redis: Redis,
    private readonly substitute: RateLimiter,
    private readonly clock?: () => number,
  ) {
    super();
  }

  async hit(key: string, rate: Rate): Promise<Verdict> {
    if (performance.now() < this.pausedUntil) return this.substitute.hit(key, rate);
    try {
      return await this.ask(key, rate);
    } catch (error) {
      this.pause(error);
      return this.substitute.hit(key, rate);
    }
  }

  private async ask(key: string, { limit, windowMs }: Rate): Promise<Verdict> {
    if (this.redis.status !== 'ready') throw new Error(`The connection to Redis is ${this.redis.status}.`);
    const late = new AbortController();
    const script = runScript(this.redis, `toolyard:rate:${windowMs}:${key}`, [
      limit,
      windowMs / STEPS,
      this.clock?.() ?? '',
    ]);
    try {
      const [allowed, remaining, retryAfterMs] = answer.parse(await Promise.race([script, tooLate(late.signal)]));
      return { allowed: allowed === 1, remaining, retryAfterMs };
    } finally {
      late.abort();
      script.catch(() => {});
    }
  }

  private pause(error: unknown): void {
    const now = performance.now();
    this.pausedUntil = now + PAUSE_MS;
    if (now < this.tellAfter) return;
    this.tellAfter = now + TELL_AGAIN_MS;
    this.logger.warn({ err: error, msg: 'Redis does not answer in time; each process limits rates by itself.' });
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await after(ANSWER_MS, undefined, { signal, ref: false });
  throw new Error(`Redis did not answer within ${ANSWER_MS} ms.`);
}
