import { describe, expect, it } from '@jest/globals';
import { median, percentile } from '../../bench/statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0, 1],
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [1, 100],
  ])('finds the value that a share of %p does not exceed', (share, value) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  it('sorts numbers as numbers, and leaves the list as it is', () => {
    const values = [10, 9, 100];

    expect(percentile(values, 1)).toBe(100);
    expect(values).toEqual([10, 9, 100]);
  });

  it('is not a number when there are no values', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('median', () => {
  it.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('of %p is %p', (values, middle) => {
    expect(median(values)).toBe(middle);
  });
});
