import { buffer } from 'node:stream/consumers';
import { Duplex, type Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { bodyOf } from '../../src/http/body.js';
import { until } from '../conditions.js';
import { exchange, RawConnection, requestHead } from '../raw-http.js';
import { SmallApp } from './small.app.js';

const head = (length: number) => requestHead('POST', '/raw', { 'Content-Type': 'image/png', 'Content-Length': length });

/** Bytes that have been read and not been taken. */
const heldBy = (body: Readable | undefined) =>
  (body?.readableLength ?? 0) + (body instanceof Duplex ? body.writableLength : 0);

describe('the body of a request as a stream', () => {
  let small: SmallApp;
  let url: string;
  let body: Readable | undefined;
  let failure: unknown;
  beforeAll(async () => {
    small = await SmallApp.open();
    url = await small.listen();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  const readAll: SmallApp['answer'] = async (request) => {
    body = bodyOf(request);
    failure = undefined;
    try {
      return { bytes: (await buffer(body)).length };
    } catch (error) {
      failure = error;
      throw error;
    }
  };

  it.each([0, 1, 65_536, 20_000_000])('has all of its %i bytes', async (length) => {
    small.answer = readAll;

    const answer = await fetch(`${url}/raw`, { method: 'POST', body: Buffer.alloc(length) });

    expect(await answer.json()).toEqual({ bytes: length });
  });

  it('has all bytes of a body that comes in chunks', async () => {
    small.answer = readAll;
    const chunks = [
      requestHead('POST', '/raw', { 'Transfer-Encoding': 'chunked' }),
      '3\r\nabc\r\n',
      'a\r\n0123456789\r\n',
      '0\r\n\r\n',
    ];

    const { response } = await exchange(url, { chunks });

    expect(JSON.parse(String(response?.body))).toEqual({ bytes: 13 });
  });

  it.each(['fin', 'rst'] as const)('fails when the client goes away before its end (%s)', async (how) => {
    small.answer = readAll;

    await exchange(url, { chunks: [head(1_000), Buffer.alloc(500)], abort: { at: 10_000, with: how } });
    await until(() => failure, { describe: 'the body has failed' });

    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({ code: 'malformed_request' });
    expect(body?.destroyed).toBe(true);
  });

  it('can be given up, and the client still hears the answer', async () => {
    small.answer = async (request) => {
      body = bodyOf(request);
      body.destroy();
      throw new Problem('file_type_not_accepted', 'Not this one.');
    };

    const { response } = await exchange(url, { chunks: [head(10_000_000), Buffer.alloc(1_000_000)] });

    expect(response?.status).toBe(415);
  });

  it('is not read faster than it is taken', async () => {
    const taken = Promise.withResolvers<void>();
    small.answer = async (request) => {
      body = bodyOf(request);
      await taken.promise;
      return { bytes: (await buffer(body)).length };
    };
    await using connection = await RawConnection.open(url);
    const length = 50_000_000;
    await connection.send(head(length));
    const sending = connection.send(Buffer.alloc(length));

    await until(() => heldBy(body) > 1_000_000, {
      describe: 'it is full',
    });
    const held = heldBy(body);
    taken.resolve();
    await sending;
    const response = await connection.response();

    expect(held).toBeLessThan(4_000_000);
    expect(JSON.parse(String(response.body))).toEqual({ bytes: length });
  });
});
