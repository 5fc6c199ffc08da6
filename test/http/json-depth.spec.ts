import { describe, expect, it } from '@jest/globals';
import { nestsDeeper } from '../../src/http/json-depth.js';

describe('the depth of JSON', () => {
  it.each([
    ['[]', 1],
    ['{"a":[1,{"b":2}]}', 3],
    ['[[],[],[]]', 2],
    ['["\\"[[[", "]]"]', 1],
    ['["\\\\",["x"]]', 2],
    ['{"[[":{"}":1}}', 2],
  ])('is told without parsing: %s', (text, depth) => {
    expect(nestsDeeper(text, depth)).toBe(false);
    expect(nestsDeeper(text, depth - 1)).toBe(true);
  });

  it('is told of a million levels, and of texts that do not end', () => {
    expect(nestsDeeper('"[[[["', 0)).toBe(false);
    expect(nestsDeeper('['.repeat(1_000_000), 32)).toBe(true);
    expect(nestsDeeper(`"${'\\'.repeat(100_001)}`, 32)).toBe(false);
  });
});
