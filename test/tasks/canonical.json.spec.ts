import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '../../src/tasks/canonical.json.js';

describe('canonical JSON', () => {
  it('is the example of RFC 8785 §3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };

    expect(
      Object.values(
        JSON.parse(
          `[${canonicalJson(value)
            .slice(1, -1)
            .replaceAll(/"[^"]*":/g, '')}]`,
        ),
      ),
    ).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('is the same for equal values, however they are written', () => {
    expect(canonicalJson({ b: [1.0, { d: null, c: 'x' }], a: 1e2 })).toBe('{"a":100,"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ 10: 'a', 9: 'b', '-0': -0 })).toBe('{"-0":0,"10":"a","9":"b"}');
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
    expect(canonicalJson('é"\n')).toBe(String.raw`"é\"\n"`);
  });
});
