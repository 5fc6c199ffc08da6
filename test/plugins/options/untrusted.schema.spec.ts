import { describe, expect, it } from '@jest/globals';
import { OptionsCheck } from '../../../src/plugins/options/tool.options.js';
import { withoutPatterns } from '../../../src/plugins/options/untrusted.schema.js';

/** For which V8 needs minutes, as long as the text does not match. */
const ENDLESS = '^(a+)+$';
const text = `${'a'.repeat(40)}!`;

describe('a schema without patterns', () => {
  it('is done with any text at once, wherever the pattern stands', () => {
    const schema = {
      type: 'object',
      properties: {
        pattern: { type: 'string', pattern: ENDLESS },
        list: { type: 'array', items: { anyOf: [{ type: 'string', pattern: ENDLESS }, { type: 'null' }] } },
        named: { type: 'object', patternProperties: { [ENDLESS]: {} }, additionalProperties: false },
        other: { $ref: '#/$defs/word' },
        keyed: { type: 'object', propertyNames: { pattern: ENDLESS } },
      },
      $defs: { word: { type: 'string', pattern: ENDLESS } },
    };
    const options = { pattern: text, list: [text], named: { [text]: 1 }, other: text, keyed: { [text]: 1 } };

    expect(new OptionsCheck(withoutPatterns(schema)).check(options)).toEqual(options);
    expect(JSON.stringify(withoutPatterns(schema))).not.toContain(ENDLESS);
  });

  it('holds all else', () => {
    const schema = {
      type: 'object',
      properties: {
        pattern: { type: 'string', maxLength: 3, default: 'abc' },
        kind: { enum: ['a', { pattern: 'b' }] },
      },
      required: ['kind'],
      additionalProperties: false,
    };

    expect(withoutPatterns(schema)).toEqual(schema);
    const check = new OptionsCheck(withoutPatterns(schema));
    expect(check.check({ kind: 'a' })).toEqual({ kind: 'a', pattern: 'abc' });
    for (const options of [{}, { kind: 'b' }, { kind: 'a', pattern: 'long' }, { kind: 'a', more: 1 }])
      expect(() => check.check(options)).toThrow(expect.objectContaining({ code: 'invalid_options' }));
  });
});
