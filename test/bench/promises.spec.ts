import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Promises } from '../../bench/promises.ts';

describe('a promise of time', () => {
  it('is missed when even one was too late, and met when none was', () => {
    const promises = new Promises();
    for (const ms of [10, 20, 100]) promises.note('in time', 100, ms);
    for (const ms of [10, 20, 101]) promises.note('too late', 100, ms);

    expect(promises.table().split('\n')).toEqual([
      '  promise    target ms   median   slowest   times',
      '  in time          100     20.0       100       3      met',
      '  too late         100     20.0       101       3   MISSED',
    ]);
  });

  it('is timed by what it takes to keep it', async () => {
    const promises = new Promises();

    await expect(promises.time('kept', 0, () => sleep(30, 'done'))).resolves.toBe('done');

    expect(promises.table()).toMatch(/kept +0 +\d{2}.*MISSED/);
  });
});
