import { describe, expect, it } from '@jest/globals';
import { contentTag, documentTag, notModified, rangeApplies } from '../../src/http/entity-tag.js';

const TAG = '"abc"';

describe('documentTag', () => {
  it('is weak, and the same for the same document only', () => {
    expect(documentTag('{"a":1}')).toMatch(/^W\/"[\w-]{27}"$/);
    expect(documentTag('{"a":1}')).toBe(documentTag('{"a":1}'));
    expect(documentTag('{"a":1}')).not.toBe(documentTag('{"a":2}'));
  });

  it('is recognised when it comes back', () => {
    const tag = documentTag('{}');

    expect(notModified(tag, tag)).toBe(true);
    expect(rangeApplies(tag, tag)).toBe(false);
  });
});

describe('contentTag', () => {
  it('is strong, and recognised when it comes back', () => {
    const tag = contentTag('abc');

    expect(tag).toBe(TAG);
    expect(notModified(tag, tag)).toBe(true);
    expect(rangeApplies(tag, tag)).toBe(true);
  });
});

describe('notModified', () => {
  it.each(['"abc"', 'W/"abc"', '*', ' * ', '"x", "abc"', '"x",W/"abc" , "y"', '"a,b", "abc"'])(
    'is true for %j',
    (header) => {
      expect(notModified(header, TAG)).toBe(true);
      expect(notModified(header, `W/${TAG}`)).toBe(true);
    },
  );

  it.each([undefined, '', '"abd"', 'abc', '"ABC"', '"abc', 'abc"', 'w/abc', '"xabc"', '"x"abc"y"', '"*"'])(
    'is false for %j',
    (header) => {
      expect(notModified(header, TAG)).toBe(false);
    },
  );

  it.each(['"', '"a', '" ', 'W/', '","'])('is not impressed by %j, many times', (piece) => {
    expect(notModified(piece.repeat(100_000), TAG)).toBe(false);
  });
});

describe('rangeApplies', () => {
  it.each([undefined, '"abc"', ' "abc" '])('lets the range count for %j', (header) => {
    expect(rangeApplies(header, TAG)).toBe(true);
  });

  it.each(['"abd"', 'W/"abc"', 'Fri, 20 Nov 2026 10:00:00 GMT', '', '*', '"abc", "x"'])(
    'sends everything for %j',
    (header) => {
      expect(rangeApplies(header, TAG)).toBe(false);
    },
  );
});
