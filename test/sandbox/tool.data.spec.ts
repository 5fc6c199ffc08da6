import { describe, expect, it } from '@jest/globals';
import { storable } from '../../src/sandbox/tool.data.js';

const nested = (levels: number): unknown => {
  let value: unknown = 'core';
  for (let level = 1; level < levels; level++) value = [value];
  return value;
};

describe('the data of a tool', () => {
  it.each([null, 0, '', 'text', [], {}, { a: [1, { b: 'ключ 🔑' }] }])('stays %j as it is', (data) => {
    expect(storable(data)).toBe(data);
  });

  it.each([
    ['a NUL in a text', { a: 'x\0y\0' }, { a: 'xy' }],
    ['a NUL in a name', { 'x\0y': 1 }, { xy: 1 }],
    ['a lone surrogate in a text', ['\ud800', 'a\udc00b'], ['\ufffd', 'a\ufffdb']],
    ['a lone surrogate in a name', { '\udfff': 1 }, { '\ufffd': 1 }],
    ['surrogates the wrong way round', '\udc00\ud800', '\ufffd\ufffd'],
  ])('loses %s', (_, data, kept) => {
    expect(storable(data)).toEqual(kept);
  });

  it.each(['\\u0000', '\\\\u0000', '\\ud800', '"\\u0000"', 'C:\\users\\default', '🔑\\'])(
    'keeps %j, which only looks like an escape',
    (text) => {
      expect(storable({ [text]: [text, '\0'] })).toEqual({ [text]: [text, ''] });
    },
  );

  it('may nest 500 levels deep, and no deeper', () => {
    expect(storable(nested(500))).toEqual(nested(500));
    expect(() => storable(nested(501))).toThrow(expect.objectContaining({ code: 'output_invalid' }));
    expect(() => storable(nested(400_000))).toThrow(expect.objectContaining({ code: 'output_invalid' }));
  });

  it('is never taken for a prototype', () => {
    const data = storable(JSON.parse('{"__proto__":{"polluted":"\\u0000"}}'));

    expect(Object.keys(data as object)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});
