import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallApp } from './small.app.js';

/** JSON of so many bytes. */
const textOf = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;

describe('a JSON body', () => {
  let small: SmallApp;
  beforeAll(async () => {
    small = await SmallApp.open();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  const send = (payload: string | Buffer, type = 'application/json') =>
    small.nest.inject({ method: 'POST', url: '/things/1', headers: { 'content-type': type }, payload });

  it.each(['{"a":[1,null,"é🔑"]}', '[]', '"text"', '0', 'null', ' {"a" : 1}\n', '{"constructor":1}'])(
    'is read: %s',
    async (text) => {
      const answer = await send(text);

      expect(answer.statusCode).toBe(201);
      expect(answer.json()).toEqual({ body: JSON.parse(text) });
    },
  );

  it.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'APPLICATION/JSON'])(
    'is known by its media type %s',
    async (type) => {
      expect((await send('{"a":1}', type)).json()).toEqual({ body: { a: 1 } });
    },
  );

  it.each([
    '{',
    "{'a':1}",
    '{"a":1}}',
    'undefined',
    '{"a":1,}',
    '{"__proto__":{"polluted":true}}',
    '{"a":{"__proto__":1}}',
    '{"a":{"constructor":{"prototype":{"polluted":true}}}}',
    '\u0000',
  ])('is refused: %j', async (text) => {
    const answer = await send(text);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ detail: 'The body is not JSON.', error: { code: 'malformed_json' } });
    expect('polluted' in {}).toBe(false);
  });

  it('is told to be empty when it is', async () => {
    const answer = await send('');

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ detail: 'The body is empty.', error: { code: 'malformed_json' } });
  });

  it('has 256 KiB at most', async () => {
    const [most, more] = [await send(textOf(131_072)), await send(textOf(131_073))];

    expect(most.statusCode).toBe(201);
    expect(more.statusCode).toBe(413);
    expect(more.json()).toMatchObject({ error: { code: 'body_too_large', type: 'payload_too_large' } });
  });

  it.each([
    [32, 201, undefined],
    [33, 400, 'malformed_json'],
    [60_000, 400, 'malformed_json'],
  ])('of %i levels is answered with %i', async (levels, status, code) => {
    const answer = await send('['.repeat(levels) + ']'.repeat(levels));

    expect(answer.statusCode).toBe(status);
    expect(answer.json().error?.code).toBe(code);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonx', 'nonsense'])(
    'is the only one that is read: %s is not supported',
    async (type) => {
      const answer = await send('a', type);

      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ error: { code: 'unsupported_media_type' } });
    },
  );
});
