import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Rate, RateLimiter, Verdict } from '../../src/limits/rate-limiter.js';
import { randomNumbers } from '../random.js';

const STEPS = 10;
const START = 1_790_000_000_000;
const ALLOWED = { allowed: true, retryAfterMs: 0 };

export interface RateLimiterGround {
  readonly limiter: RateLimiter;
  readonly dispose: () => Promise<void>;
}

/** Written for being read, not for being fast: every hit that was allowed is remembered. */
class Model {
  private readonly allowed: number[] = [];

  hit(now: number, { limit, windowMs }: Rate): Verdict {
    const stepMs = windowMs / STEPS;
    const counted = this.allowed.filter((time) => Math.floor(time / stepMs) >= Math.floor(now / stepMs) - STEPS);
    if (counted.length < limit) {
      this.allowed.push(now);
      return { ...ALLOWED, remaining: limit - counted.length - 1 };
    }
    const leaves = counted.at(counted.length - limit) ?? now;
    const retryAfterMs = Math.ceil((Math.floor(leaves / stepMs) + STEPS + 1) * stepMs - now);
    return { allowed: false, remaining: 0, retryAfterMs };
  }

  /** The most that were allowed within any span as long as the window. */
  most(windowMs: number): number {
    const within = (start: number) => this.allowed.filter((time) => time >= start && time < start + windowMs).length;
    return Math.max(0, ...this.allowed.map(within));
  }
}

/** The exam of every RateLimiter. @param prepare gives an empty one that goes by the clock */
export function describeRateLimiter(name: string, prepare: (clock: () => number) => Promise<RateLimiterGround>): void {
  describe(`${name}, as every RateLimiter,`, () => {
    let now: number;
    let ground: RateLimiterGround;
    beforeEach(async () => {
      now = START;
      ground = await prepare(() => now);
    });
    afterEach(() => ground.dispose());
    const hit = (key: string, rate: Rate) => ground.limiter.hit(key, rate);

    it('allows as many as the limit says, and tells how many remain', async () => {
      const rate = { limit: 3, windowMs: 1_000 };

      const verdicts = [await hit('a', rate), await hit('a', rate), await hit('a', rate)];

      expect(verdicts).toEqual([2, 1, 0].map((remaining) => ({ ...ALLOWED, remaining })));
      expect(await hit('a', rate)).toEqual({ allowed: false, remaining: 0, retryAfterMs: 1_100 });
    });

    it('allows again when the time that it named has passed, and not before', async () => {
      const rate = { limit: 1, windowMs: 60_000 };
      await hit('a', rate);
      now += 12_345;
      const { retryAfterMs } = await hit('a', rate);

      now += retryAfterMs - 1;
      expect(await hit('a', rate)).toMatchObject({ allowed: false, retryAfterMs: 1 });
      now += 1;
      expect(await hit('a', rate)).toMatchObject({ allowed: true });
    });

    it('does not count what it refuses', async () => {
      const rate = { limit: 2, windowMs: 1_000 };
      for (let time = 0; time < 2_000; time += 10) {
        now = START + time;
        await hit('a', rate);
      }
      now = START + 2_300;

      expect(await hit('a', rate)).toMatchObject({ allowed: true });
    });

    it('keeps keys apart', async () => {
      const rate = { limit: 1, windowMs: 1_000 };
      await hit('a', rate);

      expect(await hit('b', rate)).toMatchObject({ allowed: true });
      expect(await hit('a', rate)).toMatchObject({ allowed: false });
    });

    it('lets nobody slip through between two', async () => {
      const rate = { limit: 10, windowMs: 1_000 };

      const verdicts = await Promise.all(Array.from({ length: 50 }, () => hit('a', rate)));

      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(10);
      expect(new Set(verdicts.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)).size).toBe(10);
    });

    it.each([1, 2, 3, 4, 5])('does what the model does, however hits come (seed %i)', async (seed) => {
      const random = randomNumbers(seed);
      const rate = { limit: 1 + random(12), windowMs: [100, 1_000, 60_000][seed % 3] ?? 1_000 };
      const model = new Model();
      for (let step = 0; step < 400; step++) {
        if (random(10) < 4) now += random(random(rate.windowMs) + 1);

        expect({ step, ...(await hit('a', rate)) }).toEqual({ step, ...model.hit(now, rate) });
      }
      expect(model.most(rate.windowMs)).toBeLessThanOrEqual(rate.limit);
    });
  });
}
