import { describe, expect, it } from '@jest/globals';
import { figure, table, verdict } from '../../bench/table.ts';

describe('table', () => {
  it('puts names to the left and figures to the right, and cuts what is empty at the end', () => {
    const text = table(
      ['', 'tasks/s', 'of bare'],
      [
        ['sharp', '76.5'],
        ['the server', '8', '0.10'],
      ],
    );

    expect(text.split('\n')).toEqual([
      '               tasks/s   of bare',
      '  sharp           76.5',
      '  the server         8      0.10',
    ]);
  });
});

describe('figure', () => {
  it.each([
    [0.123_4, '0.12'],
    [12.345, '12.3'],
    [1234.5, '1235'],
    [undefined, '-'],
    [Number.NaN, '-'],
  ])('shows %p as %p', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe('verdict', () => {
  it.each([
    [0.75, '≥', 0.75, '0.75, target ≥ 0.75: reached'],
    [0.749, '≥', 0.75, '0.75, target ≥ 0.75: MISSED'],
    [10, '≤', 10, '10.0, target ≤ 10: reached'],
    [96, '<', 96, '96.0, target < 96: MISSED'],
  ] as const)('of %p %s %p', (value, comparison, target, text) => {
    expect(verdict(value, comparison, target)).toBe(text);
  });
});
