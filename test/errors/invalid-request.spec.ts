import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { invalidRequest, jsonPointer } from '../../src/errors/invalid-request.js';

const issuesOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues ?? [];

describe('a request that does not fit its schema', () => {
  const schema = z.strictObject({ limit: z.int().max(200), tags: z.array(z.string()), 'a/b': z.string().optional() });

  it('is told with every fault and where it is', () => {
    const problem = invalidRequest(issuesOf(schema, { limit: 1_000, tags: ['a', 1], 'a/b': 2 }));

    expect(problem).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(problem.details.map(({ path, code }) => [path, code])).toEqual([
      ['/limit', 'too_big'],
      ['/tags/1', 'invalid_type'],
      ['/a~1b', 'invalid_type'],
    ]);
    expect(problem.message).toBe('/limit: Too big: expected number to be <=200 (and 2 more)');
  });

  it('names the only fault alone', () => {
    expect(invalidRequest(issuesOf(schema, { limit: 'a', tags: [] })).message).toBe(
      '/limit: Invalid input: expected number, received string',
    );
  });

  it('names a fault of the whole without a place', () => {
    const problem = invalidRequest(issuesOf(schema, 'text'));

    expect(problem.details).toMatchObject([{ path: '' }]);
    expect(problem.message).toBe('Invalid input: expected object, received string');
  });

  it('can be told under another code', () => {
    expect(invalidRequest([{ message: 'no' }], 'invalid_cursor')).toMatchObject({
      code: 'invalid_cursor',
      message: 'no',
    });
  });

  it('is understood in the words of every Standard Schema library', () => {
    const problem = invalidRequest([{ message: 'no', path: [{ key: 'a' }, 0, { key: Symbol('b') }] }]);

    expect(problem.details).toEqual([{ path: '/a/0/Symbol(b)', code: 'invalid', message: 'no' }]);
  });

  it('is told also when nothing is known of it', () => {
    expect(invalidRequest([]).message).toBe('not valid');
  });
});

describe('a path as a JSON pointer (RFC 6901)', () => {
  it.each([
    [[], ''],
    [['a'], '/a'],
    [['a', 0, 'b'], '/a/0/b'],
    [[''], '/'],
    [['a/b', 'c~d', '~1'], '/a~1b/c~0d/~01'],
    [['ключ', ' ', '"'], '/ключ/ /"'],
  ])('%j is %j', (path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
  });
});
