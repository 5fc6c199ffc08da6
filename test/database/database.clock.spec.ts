import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseClock } from '../../src/database/database.clock.js';

describe('the clock of the database', () => {
  let clock: DatabaseClock;
  let warnings: unknown[];

  beforeEach(() => {
    clock = new DatabaseClock();
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warnings.push(line));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const differenceMs = () => clock.now().getTime() - Date.now();

  it('is the own one until something else is known', () => {
    expect(Math.abs(differenceMs())).toBeLessThan(50);
  });

  it.each([3_600_000, -3_600_000, 5_000, 500])('is off by %i ms when the database says so', async (ms) => {
    await clock.measure(async () => Date.now() + ms);

    expect(Math.abs(differenceMs() - ms)).toBeLessThan(100);
    expect(warnings).toHaveLength(Math.abs(ms) >= 2_000 ? 1 : 0);
  });

  it('is the own one when both agree, however long the answer takes', async () => {
    await clock.measure(async () => Date.now() + 90);
    const near = differenceMs();
    await clock.measure(async () => {
      const said = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 400));
      return said;
    });

    expect([near, differenceMs()].map(Math.abs).every((ms) => ms < 50)).toBe(true);
  });

  it('is warned of once, as long as it stays wrong', async () => {
    for (const ms of [60_000, 61_000, 0, 60_000]) await clock.measure(async () => Date.now() + ms);

    expect(warnings).toHaveLength(2);
  });
});
