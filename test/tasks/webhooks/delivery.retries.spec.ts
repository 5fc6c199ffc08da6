import { describe, expect, it } from '@jest/globals';
import { MOST_ATTEMPTS, pauseBefore, retryAfterMs } from '../../../src/tasks/webhooks/delivery.retries.js';

const HOUR = 3_600_000;

describe('the pause before the next attempt', () => {
  it('grows from five seconds to a day, and then there is no other attempt', () => {
    const pauses = Array.from({ length: MOST_ATTEMPTS }, (_, index) => pauseBefore(index + 1, 0, 0.5));

    expect(pauses).toEqual([
      5_000,
      5 * 60_000,
      30 * 60_000,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      24 * HOUR,
      undefined,
    ]);
  });

  it('is a fifth more or less', () => {
    expect([pauseBefore(1, 0, 0), pauseBefore(1, 0, 1)]).toEqual([4_000, 6_000]);
    expect(new Set(Array.from({ length: 50 }, () => pauseBefore(1))).size).toBeGreaterThan(10);
  });

  it('is as long as the receiver wants, but neither shorter than usual nor longer than a day', () => {
    expect(pauseBefore(1, 60_000, 0.5)).toBe(60_000);
    expect(pauseBefore(2, 60_000, 0.5)).toBe(300_000);
    expect(pauseBefore(1, 1e12, 0.5)).toBe(24 * HOUR);
    expect(pauseBefore(MOST_ATTEMPTS, 60_000)).toBeUndefined();
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-22T10:00:00Z');

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    [undefined, 0],
  ])('%s is %d ms', (field, ms) => {
    expect(retryAfterMs(field, now)).toBe(ms);
  });
});
