import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECURITY_HEADERS } from '../../src/http/security.headers.js';
import { exchange } from '../raw-http.js';
import { SmallApp } from './small.app.js';

describe('the headers that protect browsers', () => {
  let small: SmallApp;
  beforeAll(async () => {
    small = await SmallApp.open({ TRUST_PROXY: '1' });
  });
  afterAll(() => small[Symbol.asyncDispose]());

  it.each(['/things', '/nothing', '/form', '/%E0%A4%A', '/own'])('are in the answer to %s', async (url) => {
    small.answer = async (_request, reply) => reply?.send({});

    expect((await small.nest.inject({ url })).headers).toMatchObject(SECURITY_HEADERS);
  });

  it('are in the answer to what is not even a request', async () => {
    const { response } = await exchange(await small.listen(), { chunks: ['nonsense\r\n\r\n'] });

    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response?.headers.get(name)).toEqual([value]);
  });

  it('let no page run a script or frame an answer', () => {
    const policy = SECURITY_HEADERS['content-security-policy'];

    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  it.each([
    ['https', 'max-age=31536000'],
    ['http', undefined],
  ])('ask for TLS for ever only where there is TLS: %s', async (protocol, expected) => {
    const answer = await small.nest.inject({ url: '/things', headers: { 'x-forwarded-proto': protocol } });

    expect(answer.headers['strict-transport-security']).toBe(expected);
  });
});
