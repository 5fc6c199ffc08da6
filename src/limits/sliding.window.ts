import type { Rate, Verdict } from './rate-limiter.js';

/**
 * A window slides in so many steps. What happened in a step counts until the whole step is outside, so a window never
 * holds more than it may, and forgets a tenth of itself too late at most.
 */
export const STEPS = 10;
/** The steps that a window touches: those inside, and the one that it is about to leave. */
const KEPT = STEPS + 1;

/** What happened lately under one key: a count for each step, in a ring. */
export class SlidingWindow {
  private readonly counts = Array.from({ length: KEPT }, () => 0);
  private newest = 0;

  /** @param now milliseconds; of a clock that is put back only the pause is seen */
  hit(now: number, { limit, windowMs }: Rate): Verdict {
    const stepMs = windowMs / STEPS;
    this.advance(Math.floor(now / stepMs));
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total >= limit)
      return { allowed: false, remaining: 0, retryAfterMs: this.wait(now, stepMs, total - limit + 1) };
    this.counts[this.newest % KEPT] = this.count(this.newest) + 1;
    return { allowed: true, remaining: limit - total - 1, retryAfterMs: 0 };
  }

  private advance(step: number): void {
    if (step <= this.newest) return;
    for (let empty = Math.max(this.newest + 1, step - STEPS); empty <= step; empty++) this.counts[empty % KEPT] = 0;
    this.newest = step;
  }

  /** Until so many have left the window. */
  private wait(now: number, stepMs: number, excess: number): number {
    let left = excess;
    let step = this.newest - STEPS;
    while (step < this.newest && (left -= this.count(step)) > 0) step += 1;
    return Math.ceil((step + KEPT) * stepMs - now);
  }

  private count(step: number): number {
    return this.counts[((step % KEPT) + KEPT) % KEPT] ?? 0;
  }
}
