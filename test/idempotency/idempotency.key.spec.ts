import { describe, expect, it } from '@jest/globals';
import { parseKey } from '../../src/idempotency/idempotency.key.js';

describe('Idempotency-Key', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['a', 'a'],
    ['a b', 'a b'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"not closed', '"not closed'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('reads %s', (field, key) => {
    expect(parseKey(field)).toBe(key);
  });

  it.each(['', 'x'.repeat(256), `"${'x'.repeat(256)}"`, 'ключ', 'a\tb', 'a\u0000b', 'caf\u00e9', '\u007f'])(
    'refuses %j',
    (field) => {
      expect(() => parseKey(field)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );
});
