import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem } from '../../src/errors/problem.js';
import { type FormPart, readForm } from '../../src/http/form.js';
import { until } from '../conditions.js';
import { MALFORMED_MULTIPART, multipart, type MultipartBody } from '../multipart.js';
import { exchange, requestHead } from '../raw-http.js';
import { SmallApp } from './small.app.js';

/** What the route was told, or why it was not. */
const answerSchema = z.looseObject({
  told: z.array(z.unknown()).optional(),
  detail: z.string().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});

type Told = string | readonly unknown[];

const formOf = (number: number) => multipart(Array.from({ length: number }, () => ({ name: 'tag', content: 'a' })));

describe('a form', () => {
  let small: SmallApp;
  let url: string;
  let told: Told[];
  beforeAll(async () => {
    small = await SmallApp.open();
    url = await small.listen();
  });
  beforeEach(() => {
    told = [];
    answerWith(tell);
  });
  afterAll(() => small[Symbol.asyncDispose]());

  /** What the route does with each part. */
  const answerWith = (handle: (part: FormPart) => Promise<void>): void => {
    small.answer = async (request) => {
      await readForm(request, handle);
      return { told };
    };
  };

  const tell = async (part: FormPart): Promise<void> => {
    if (part.kind === 'field') told.push([part.name, part.value]);
    else told.push([part.name, part.fileName, await text(part.stream)]);
  };

  const send = async ({ contentType, body }: MultipartBody) => {
    const response = await fetch(`${url}/form`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: new Uint8Array(body),
    });
    return { status: response.status, answer: answerSchema.parse(await response.json()) };
  };

  const faultOf = async (form: MultipartBody) => {
    const { status, answer } = await send(form);
    return { status, code: answer.error?.code, message: answer.detail };
  };

  it('gives its parts in the order in which they come', async () => {
    const form = multipart([
      { name: 'options', content: '{"a":1}' },
      { name: 'file', filename: 'a.txt', content: 'first' },
      { name: 'tag', content: 'é🔑' },
      { name: 'file', filename: 'b/../ключ.txt', contentType: 'image/png', content: '' },
    ]);

    const { answer } = await send(form);

    expect(answer.told).toEqual([
      ['options', '{"a":1}'],
      ['file', 'a.txt', 'first'],
      ['tag', 'é🔑'],
      ['file', 'ключ.txt', ''],
    ]);
  });

  it('gives a part as JSON when it says that it is', async () => {
    const { answer } = await send(
      multipart([{ name: 'options', contentType: 'application/json', content: '{"a":[1]}' }]),
    );

    expect(answer.told).toEqual([['options', { a: [1] }]]);
  });

  it.each(['{', '{"__proto__":{"polluted":1}}'])('refuses a part that says it is JSON and is %j', async (content) => {
    const fault = await faultOf(multipart([{ name: 'options', contentType: 'application/json', content }]));

    expect(fault).toMatchObject({ status: 400, code: 'malformed_json' });
    expect('polluted' in {}).toBe(false);
  });

  it('gives a part only when the one before is done', async () => {
    const first = Promise.withResolvers<void>();
    answerWith(async (part) => {
      told.push(`${part.name} begins`);
      if (part.name === 'a') await first.promise;
      told.push(`${part.name} ends`);
    });
    const sent = send(
      multipart([
        { name: 'a', content: '1' },
        { name: 'b', content: '2' },
      ]),
    );

    await until(() => told.length > 0, { describe: 'the first part is there' });
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
    const before = [...told];
    first.resolve();
    await sent;

    expect(before).toEqual(['a begins']);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('reads nothing more when a part is refused, and says what the refusal says', async () => {
    answerWith(async (part) => {
      told.push(part.name);
      throw new Problem('file_type_not_accepted', 'Not this one.');
    });

    const fault = await faultOf(
      multipart([
        { name: 'a', content: '1' },
        { name: 'b', content: '2' },
      ]),
    );

    expect(fault).toEqual({ status: 415, code: 'file_type_not_accepted', message: 'Not this one.' });
    expect(told).toEqual(['a']);
  });

  it('has files of any size', async () => {
    const content = Buffer.alloc(20_000_000, 'a');
    answerWith(async (part) => {
      if (part.kind === 'file') told.push(String((await text(part.stream)).length));
    });

    expect((await send(multipart([{ name: 'file', filename: 'a', content }]))).answer.told).toEqual(['20000000']);
  });

  it.each([
    ['options', 413, 'options_too_large'],
    ['tag', 400, 'malformed_multipart'],
  ])('has fields of little more than 64 KiB at most: %s', async (name, status, code) => {
    const most = await send(multipart([{ name, content: 'x'.repeat(65_537) }]));
    const fault = await faultOf(multipart([{ name, content: 'x'.repeat(65_538) }]));

    expect(most.status).toBe(201);
    expect(fault).toMatchObject({ status, code });
  });

  it('has 20 fields at most', async () => {
    expect((await send(formOf(20))).status).toBe(201);
    expect(await faultOf(formOf(21))).toMatchObject({ status: 400, code: 'malformed_multipart' });
  });

  it.each(MALFORMED_MULTIPART)('is refused when it has $name', async (form) => {
    const fault = await faultOf(form);

    expect(fault).toMatchObject({ status: 400, code: 'malformed_multipart' });
  });

  it('is refused when it has no part', async () => {
    expect(await faultOf(multipart([]))).toMatchObject({ status: 400, code: 'malformed_multipart' });
  });

  it.each(['__proto__', 'constructor', 'toString'])('may have a part called %s', async (name) => {
    const { status } = await send(multipart([{ name, content: 'a' }]));

    expect([201, 400]).toContain(status);
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });

  it.each(['fin', 'rst'] as const)('fails when the client goes away in the middle (%s)', async (how) => {
    const { contentType, body } = multipart([{ name: 'file', filename: 'a', content: 'x'.repeat(100_000) }]);
    let failure: unknown;
    let stream: Readable | undefined;
    const handle = async (part: FormPart) => {
      if (part.kind !== 'file') return;
      stream = part.stream;
      await text(stream);
    };
    small.answer = async (request) => {
      await readForm(request, handle).catch((error: unknown) => (failure = error));
    };
    const head = requestHead('POST', '/form', { 'Content-Type': contentType, 'Content-Length': body.length });

    await exchange(url, { chunks: [head, body], abort: { at: head.length + 50_000, with: how } });
    await until(() => failure, { describe: 'the form has failed' });

    expect(failure).toBeDefined();
    expect(stream?.destroyed).toBe(true);
  });
});
