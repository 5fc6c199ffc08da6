import { describe, expect, it } from '@jest/globals';
import { parseRange } from '../../src/http/range.js';

describe('parseRange', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-99', { start: 0, end: 99 }],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=99-', { start: 99, end: 99 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=10-1000', { start: 10, end: 99 }],
    ['bytes=10-99999999999999999999999999', { start: 10, end: 99 }],
    ['bytes=-1', { start: 99, end: 99 }],
    ['bytes=-100', { start: 0, end: 99 }],
    ['bytes=-101', { start: 0, end: 99 }],
    ['BYTES=5-6', { start: 5, end: 6 }],
    [' bytes= 5-6 ,', { start: 5, end: 6 }],
  ])('takes %j of 100 bytes as %j', (header, range) => {
    expect(parseRange(header, 100)).toEqual(range);
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=99999999999999999999999999-', 'bytes=-0'])(
    'cannot satisfy %j of 100 bytes',
    (header) => {
      expect(parseRange(header, 100)).toBe('unsatisfiable');
    },
  );

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=a-b',
    'bytes=1',
    'bytes=1-2-3',
    'bytes=5-4',
    'bytes=--1',
    'bytes=+1-2',
    'bytes=1.5-2',
    'bytes=0x1-2',
    'bytes =0-1',
    'bytes:0-1',
    'items=0-1',
    'bytes=0-1,3-4',
    'bytes=0-1, -5',
    'bytes=0-1, bytes=3-4',
  ])('ignores %j', (header) => {
    expect(parseRange(header, 100)).toBeUndefined();
  });

  it('knows that there is nothing in nothing', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBeUndefined();
  });

  it('gives, for each pair of numbers, the bytes that slice gives', () => {
    const bytes = Buffer.from('0123456789');

    for (let from = 0; from < 13; from++) {
      for (let to = from; to < 13; to++) {
        expect(part(bytes, `bytes=${from}-${to}`)).toBe(bytes.subarray(from, to + 1).toString() || 'unsatisfiable');
      }
      expect(part(bytes, `bytes=${from}-`)).toBe(bytes.subarray(from).toString() || 'unsatisfiable');
      expect(part(bytes, `bytes=-${from}`)).toBe(from === 0 ? 'unsatisfiable' : bytes.subarray(-from).toString());
    }
  });

  it('splits any size into ranges that fit together', () => {
    for (const size of [1, 2, 99, 100, 101, 5 * 1024 ** 3]) {
      const step = Math.ceil(size / 7);
      let next = 0;
      while (next < size) {
        const range = parseRange(`bytes=${next}-${next + step - 1}`, size);
        expect(range).toEqual({ start: next, end: Math.min(next + step, size) - 1 });
        next += step;
      }
      expect(parseRange(`bytes=${next}-`, size)).toBe('unsatisfiable');
    }
  });
});

function part(bytes: Buffer, header: string): string | undefined {
  const range = parseRange(header, bytes.length);
  return typeof range === 'object' ? bytes.subarray(range.start, range.end + 1).toString() : range;
}
