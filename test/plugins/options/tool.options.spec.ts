import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem } from '../../../src/errors/problem.js';
import { OptionsCheck, parseOptions, refuseLargeOptions } from '../../../src/plugins/options/tool.options.js';

const schema = z.toJSONSchema(
  z.strictObject({
    format: z.enum(['jpeg', 'webp']),
    width: z.int().min(1).max(10_000).optional(),
    quality: z.number().gt(0).max(100).default(80),
    name: z
      .string()
      .min(2)
      .max(5)
      .regex(/^[a-z]+$/)
      .optional(),
    keep: z.boolean().default(false),
    pages: z.array(z.int()).max(3).optional(),
    edge: z.strictObject({ 'a/b~c': z.int().optional(), colour: z.string().default('black') }).optional(),
    size: z.union([z.int(), z.literal('auto')]).optional(),
    more: z.record(z.string(), z.unknown()).optional(),
  }),
  { io: 'input' },
);
const check = new OptionsCheck(schema);

/** The fault that the client gets. */
const faultOf = (options: unknown): Problem => {
  try {
    check.check(options);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('The options were accepted.');
};

const good = (members: object = {}) => ({ format: 'webp', ...members });

const nested = (levels: number, within: unknown = 1): unknown => {
  let value = within;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
  return value;
};

/** JSON text of so many bytes. */
const textOf = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
const optionsOf = (bytes: number) => ({ a: 'x'.repeat(bytes) });

describe('the check of options', () => {
  it('fills in the defaults, and keeps what is given', () => {
    expect(check.check(good())).toEqual({ format: 'webp', quality: 80, keep: false });
    expect(check.check(good({ quality: 1, keep: true, edge: {} }))).toEqual({
      format: 'webp',
      quality: 1,
      keep: true,
      edge: { colour: 'black' },
    });
  });

  it('names the first of very many faults, and says how many more there are', () => {
    const names = Array.from({ length: 9_000 }, (_, index) => `o${index}`);

    const problem = faultOf(good({ ['x'.repeat(5_000)]: 1, ...Object.fromEntries(names.map((name) => [name, 1])) }));

    expect(problem.details).toHaveLength(20);
    expect(problem.message).toMatch(/; and 8981 more\.$/);
    expect(JSON.stringify([problem.message, problem.details]).length).toBeLessThan(8_000);
  });

  it.each<[string, unknown, string, string, string]>([
    ['what is missing', {}, '/format', 'required', 'is required'],
    ['what is not an option', good({ fromat: 1 }), '/fromat', 'additionalProperties', 'is not an option of this tool'],
    ['a value that is none of those', good({ format: 'bmp' }), '/format', 'enum', 'must be one of jpeg, webp'],
    ['a text for a number', good({ width: '320' }), '/width', 'type', 'must be integer'],
    ['a fraction for a whole number', good({ width: 1.5 }), '/width', 'type', 'must be integer'],
    ['a number for a boolean', good({ keep: 1 }), '/keep', 'type', 'must be boolean'],
    ['null', good({ width: null }), '/width', 'type', 'must be integer'],
    ['too small a number', good({ width: 0 }), '/width', 'minimum', 'must be >= 1'],
    ['too large a number', good({ width: 10_001 }), '/width', 'maximum', 'must be <= 10000'],
    ['a number on the open end', good({ quality: 0 }), '/quality', 'exclusiveMinimum', 'must be > 0'],
    ['too short a text', good({ name: 'a' }), '/name', 'minLength', 'must NOT have fewer than 2 characters'],
    ['too long a text', good({ name: 'abcdef' }), '/name', 'maxLength', 'must NOT have more than 5 characters'],
    ['a text of another form', good({ name: 'AB' }), '/name', 'pattern', 'must match pattern "^[a-z]+$"'],
    ['too long a list', good({ pages: [1, 2, 3, 4] }), '/pages', 'maxItems', 'must NOT have more than 3 items'],
    ['a wrong entry of a list', good({ pages: [1, 'b'] }), '/pages/1', 'type', 'must be integer'],
    ['a wrong member of an object', good({ edge: { colour: 1 } }), '/edge/colour', 'type', 'must be string'],
    ['a name that pointers escape', good({ edge: { 'a/b~c': '' } }), '/edge/a~1b~0c', 'type', 'must be integer'],
    ['an unknown one', good({ 'x/y~z': 1 }), '/x~1y~0z', 'additionalProperties', 'is not an option of this tool'],
    ['a list', [], '', 'type', 'must be object'],
    ['a text', 'webp', '', 'type', 'must be object'],
    ['nothing', null, '', 'type', 'must be object'],
  ])('names %s by its JSON pointer', (_, options, path, code, message) => {
    const fault = faultOf(options);

    expect(fault).toMatchObject({ code: 'invalid_options', status: 422, details: [{ path, code, message }] });
    expect(fault.message).toBe(`${path || 'The options'} ${message}.`);
  });

  it('names all faults at once', () => {
    const { details, message } = faultOf({ width: 'a', keep: 'b', c: 1 });

    expect(details.map(({ path }) => path).toSorted()).toEqual(['/c', '/format', '/keep', '/width']);
    expect(message.match(/;/g)).toHaveLength(3);
  });

  it('names a value that is neither of two', () => {
    expect(faultOf(good({ size: 'large' })).details.map(({ path }) => path)).toContain('/size');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('takes no member called %s, however deep', (key) => {
    for (const text of [`{"${key}":1}`, `{"format":"webp","more":{"a":[{"${key}":{}}]}}`]) {
      expect(faultOf(JSON.parse(text)).details).toEqual([
        { path: '', code: 'key', message: `may not have a member called ${key}` },
      ]);
    }
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['NUL', 'a\0'],
    ['half a character', '\ud83d'],
  ])('takes no %s, neither in a value nor in a name, however deep', (_, text) => {
    for (const options of [{ name: text }, { more: { a: [text] } }, { more: { [text]: 1 } }]) {
      expect(faultOf(good(options)).details).toMatchObject([{ path: '', code: 'text' }]);
    }
  });

  it('takes every whole character', () => {
    const more = { 'ключ 🔑': ['\u202e', '\ufeff', '日本語', '\ufffd', '\u0001'] };

    expect(check.check(good({ more }))).toMatchObject({ more });
  });

  it('takes 20 levels, and no more', () => {
    expect(check.check(good({ more: { a: nested(18) } }))).toMatchObject({ format: 'webp' });
    expect(faultOf(good({ more: { a: nested(19) } })).details).toMatchObject([{ code: 'depth' }]);
  });

  it('refuses a million levels without a look at most of them', () => {
    let looks = 0;
    const depth = {
      get a() {
        looks += 1;
        return nested(999_000);
      },
    };
    const options = good({ more: nested(1_000, depth) });

    expect(faultOf(options).message).toBe('The options nest deeper than 20 levels.');

    expect(looks).toBe(0);
  });

  it('refuses a schema that cannot be used', () => {
    expect(() => new OptionsCheck({ type: 'no such type' }).compile()).toThrow('schema is invalid');
    expect(() => new OptionsCheck({ $ref: '#/nowhere' }).compile()).toThrow("can't resolve reference");
  });
});

describe('the text of options', () => {
  it('is read as JSON', () => {
    expect(parseOptions('{"a":[1]}')).toEqual({ a: [1] });
  });

  it.each(['', '{', "{'a':1}", 'undefined', '{"a":1}x'])('is refused when it is %j', (text) => {
    expect(() => parseOptions(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        message: 'The field options is not JSON.',
        details: [{ path: '', code: 'json', message: 'is not JSON' }],
      }),
    );
  });

  it('has 64 KiB at most', () => {
    expect(parseOptions(textOf(65_536))).toHaveLength(65_534);
    expect(() => parseOptions(textOf(65_537))).toThrow(
      expect.objectContaining({ code: 'options_too_large', status: 413 }),
    );
    expect(() => parseOptions(JSON.stringify('é'.repeat(40_000)))).toThrow('The options may have 65536 bytes at most.');
  });

  it('is measured without the rest of the body', () => {
    expect(() => refuseLargeOptions(200_000, optionsOf(1_000))).not.toThrow();
    expect(() => refuseLargeOptions(200_000, optionsOf(70_000))).toThrow(
      expect.objectContaining({ code: 'options_too_large' }),
    );
    expect(() => refuseLargeOptions(Infinity, optionsOf(70_000))).toThrow(Problem);
  });
});
