import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bodyOf } from '../../src/http/body.js';
import { exchange, requestHead } from '../raw-http.js';
import { SmallApp } from './small.app.js';

const UUID = /^[0-9a-f-]{36}$/;

describe('the HTTP edge', () => {
  let small: SmallApp;
  let url: string;
  beforeAll(async () => {
    small = await SmallApp.open();
    url = await small.listen();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  it.each(['a', 'abc-123', 'a.b:c/d+e=f_g', 'x'.repeat(100)])('keeps the id that a client gives: %s', async (id) => {
    const answer = await small.nest.inject({ url: '/nothing', headers: { 'x-request-id': id } });

    expect(answer.headers['x-request-id']).toBe(id);
    expect(answer.json().error.request_id).toBe(id);
  });

  it.each([undefined, '', 'x'.repeat(101), 'a b', 'a"b', '<script>', 'é', 'a\tb'])(
    'gives an id of its own instead of %j',
    async (id) => {
      const answer = await small.nest.inject({
        url: '/nothing',
        headers: id === undefined ? {} : { 'x-request-id': id },
      });

      expect(answer.headers['x-request-id']).toMatch(UUID);
      expect(answer.json().error.request_id).toBe(answer.headers['x-request-id']);
    },
  );

  it.each(['/things', '/nothing', '/form', '/%E0%A4%A'])('lets no browser guess a type: %s', async (path) => {
    const answer = await small.nest.inject({ url: path });

    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n', 400, 'malformed_request'],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
    ['a header that is none', 'GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n', 400, 'malformed_request'],
    [
      'two lengths',
      'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a length and chunks',
      'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['no Host', 'GET /things HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    ['a path that cannot be decoded', requestHead('GET', '/%E0%A4%A', {}), 400, 'malformed_request'],
    ['too long headers', requestHead('GET', '/things', { 'X-Long': 'x'.repeat(20_000) }), 431, 'headers_too_large'],
    ['too long a parameter', requestHead('GET', `/things/${'x'.repeat(300)}`, {}), 404, 'not_found'],
    [
      'chunks that are none',
      `${requestHead('POST', '/things/1', { 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json' })}zzz\r\n`,
      400,
      undefined,
    ],
  ])('answers %s with a problem, as everything else', async (_, chunk, status, code) => {
    const { response } = await exchange(url, { chunks: [chunk] });

    expect(response?.status).toBe(status);
    if (code === undefined) return;
    expect(response?.headers.get('content-type')).toEqual(['application/problem+json; charset=utf-8']);
    expect(JSON.parse(String(response?.body))).toMatchObject({ status, error: { code, details: [] } });
  });

  it('lets nobody keep an answer who was not told that it may be kept', async () => {
    for (const path of ['/things', '/nothing', '/%E0%A4%A'])
      expect((await small.nest.inject({ url: path })).headers['cache-control']).toBe('no-store');
  });

  it('passes over an expectation that it does not know', async () => {
    const head = requestHead('GET', '/things', { Expect: 'a-miracle' });
    const { response } = await exchange(url, { chunks: [head] });

    expect(response?.status).toBe(200);
    expect(response?.headers.get('x-content-type-options')).toEqual(['nosniff']);
  });

  it('does not ask a client of HTTP/1.0 for a Host', async () => {
    const { response } = await exchange(url, { chunks: ['GET /things HTTP/1.0\r\n\r\n'] });

    expect(response?.status).toBe(200);
  });

  it.each([
    'application/json',
    'text/html',
    'application/octet-stream',
    undefined,
    'nonsense',
    'application/json; charset=utf-16',
  ])('leaves the body of a raw upload alone, whatever it says it is: %s', async (type) => {
    small.answer = async (request) => ({ text: await text(bodyOf(request)) });

    const response = await fetch(`${url}/raw`, {
      method: 'POST',
      body: Buffer.from('{"not JSON'),
      headers: type === undefined ? {} : { 'content-type': type },
    });

    expect(await response.json()).toEqual({ text: '{"not JSON' });
  });
});
