import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseClock } from '../../src/database/database.clock.js';

describe('the clock of the database', () => {
  let clock: DatabaseClock;
  let warnings: unknown[];
  /** The clock of this machine: it stands still unless a test puts it forward. */
  let own: number;

  beforeEach(() => {
    own = 1_800_000_000_000;
    jest.spyOn(Date, 'now').mockImplementation(() => own);
    clock = new DatabaseClock();
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warnings.push(line));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const differenceMs = () => clock.now().getTime() - own;

  it('is the own one until something else is known', () => {
    expect(differenceMs()).toBe(0);
  });

  it.each([3_600_000, -3_600_000, 5_000, 500])('is off by %i ms when the database says so', async (ms) => {
    await clock.measure(async () => own + ms);

    expect(differenceMs()).toBe(ms);
    expect(warnings).toHaveLength(Math.abs(ms) >= 2_000 ? 1 : 0);
  });

  it('is the own one when both agree, however long the answer takes', async () => {
    await clock.measure(async () => own + 90);
    const near = differenceMs();
    await clock.measure(async () => {
      const said = own;
      own += 400;
      return said;
    });

    expect([near, differenceMs()]).toEqual([0, 0]);
  });

  it('is warned of once, as long as it stays wrong', async () => {
    for (const ms of [60_000, 61_000, 0, 60_000]) await clock.measure(async () => own + ms);

    expect(warnings).toHaveLength(2);
  });
});
