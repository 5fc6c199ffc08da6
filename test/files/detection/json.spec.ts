import { describe, expect, it } from '@jest/globals';
import { detect } from '../../../src/files/detection/detect.js';
import { detectJson } from '../../../src/files/detection/json.js';
import { scanJson } from '../../../src/files/detection/json-scanner.js';
import { randomNumbers } from '../../random.js';

const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';

/** Everything that RFC 8259 knows. */
const DOCUMENT =
  ' {"a": [1, -0, 2.5, -1.25e-7, 1E+3, 0.0], "b\\n\\u00e9\\"": {"c": null, "": []}, "d": [true, false, {}, [[]]],\r\n"世": "😀 \\/"}';

describe('detectJson', () => {
  it.each([
    ['an object', '{"a": 1}', JSON_TYPE],
    ['an array', '[1, 2]\n', JSON_TYPE],
    ['an empty object', '{}', JSON_TYPE],
    ['an object over many lines', '{\n  "a": [\n    1\n  ]\n}\n', JSON_TYPE],
    ['white space around it', '\r\n\t {"a": 1} \n\n', JSON_TYPE],
    ['objects on lines', '{"a": 1}\n{"a": 2}\n', LINES_TYPE],
    ['objects on lines of another system, with a blank one', '{"a": 1}\r\n\r\n[2]\r\n', LINES_TYPE],
    ['a number', '42\n', undefined],
    ['a string', '"hello"', undefined],
    ['a word', 'null', undefined],
    ['two objects on one line', '{"a": 1} {"a": 2}', undefined],
    ['objects one after another over many lines', '{\n}\n{\n}\n', undefined],
    ['objects and then something else', '{"a": 1}\n{"a": 2}\nthe end\n', undefined],
    ['a sentence in brackets', '[sic] he said', undefined],
    ['a template', '{{ name }}', undefined],
    ['a set of words', '{a, b}', undefined],
    ['a comma too many', '[1, 2,]', undefined],
    ['quotes of another kind', "{'a': 1}", undefined],
    ['a comment', '{"a": 1} // one', undefined],
    ['an object that does not end', '{"a": 1', undefined],
  ])('judges %s', (_, content, type) => {
    expect(detectJson({ content, whole: true })?.type).toBe(type);
  });

  it.each([
    ['an object', '{"a": [1, {"b": "c', JSON_TYPE],
    ['the beginning of a number', '[1, -', JSON_TYPE],
    ['the beginning of a word', '[tru', JSON_TYPE],
    ['objects on lines', '{"a": 1}\n{"a": 2}\n{"a', LINES_TYPE],
    ['the first of what may be lines', '{"a": 1}\n', JSON_TYPE],
    ['a word that is none', '[trux', undefined],
    ['a number that is none', '[1.e', undefined],
    ['a bracket that does not fit', '[1, 2}', undefined],
    ['a line inside that is cut', '{"a": 1}\n{"a\n{"a": 2}\n{"', undefined],
  ])('judges a head with %s', (_, content, type) => {
    expect(detectJson({ content, whole: false })?.type).toBe(type);
  });
});

describe('scanJson', () => {
  it('calls each beginning of a document cut, and only the document complete', () => {
    JSON.parse(DOCUMENT);

    for (let length = 0; length < DOCUMENT.length; length++) {
      expect([length, scanJson(DOCUMENT.slice(0, length), 0).state]).toEqual([length, 'cut']);
    }
    expect(scanJson(DOCUMENT, 0)).toEqual({ state: 'complete', end: DOCUMENT.length });
  });

  it('agrees with JSON.parse on 20 000 damaged documents', () => {
    const random = randomNumbers(7);
    const pieces = [
      '\n',
      '\u0001',
      ...'{ } [ ] : , " \\ 0 1 - + . e E t f n a u l / x'.split(' '),
      '1e5',
      'true',
      'null',
      '\\u12',
      '""',
      '{}',
      '[]',
    ];

    for (let round = 0; round < 20_000; round++) {
      const index = random(DOCUMENT.length);
      const damaged = DOCUMENT.slice(0, index) + pieces[random(pieces.length)] + DOCUMENT.slice(index + random(3));
      const { state, end } = scanJson(damaged, 0);
      const isComplete = state === 'complete' && damaged.slice(end).trim() === '';
      expect([damaged, isComplete]).toEqual([damaged, isJson(damaged)]);
    }
  });

  it('goes a million levels deep', async () => {
    const levels = 1_000_000;
    const arrays = '['.repeat(levels);
    const objects = '{"a":'.repeat(levels);

    expect(scanJson(arrays, 0).state).toBe('cut');
    expect(scanJson(objects, 0).state).toBe('cut');
    expect(scanJson(arrays + ']'.repeat(levels), 0).state).toBe('complete');
    expect(scanJson(`${arrays}${']'.repeat(levels)}]`, 0).end).toBe(2 * levels);
    expect((await detect(Buffer.from(arrays), false)).type).toBe(JSON_TYPE);
  });

  it('reads a string of four million characters', () => {
    expect(scanJson(`["${'\\\\a'.repeat(1_000_000)}`, 0).state).toBe('cut');
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
