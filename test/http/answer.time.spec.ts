import { afterEach, describe, expect, it } from '@jest/globals';
import { RawConnection, requestHead } from '../raw-http.js';
import { SmallApp } from './small.app.js';

const TIME_MS = 200;

describe('a route that does not answer', () => {
  let small: SmallApp;
  afterEach(() => small[Symbol.asyncDispose]());

  /** Its work ends when the test says so. */
  async function open(): Promise<{ url: string; finish: (answer: object) => void }> {
    small = await SmallApp.open({ ANSWER_TIMEOUT_MS: TIME_MS });
    const work = Promise.withResolvers<object>();
    small.answer = () => work.promise;
    return { url: await small.listen(), finish: work.resolve };
  }

  it('is answered for, with 503, and what it says later meets nobody', async () => {
    const { url, finish } = await open();
    await using connection = await RawConnection.open(url);
    await connection.send(requestHead('GET', '/any', { 'X-Request-Id': 'mine' }));

    const { status, headers, body } = await connection.response();
    finish({ late: true });

    expect(status).toBe(503);
    expect(headers.get('retry-after')).toEqual(['2']);
    expect(headers.get('connection')).toEqual(['close']);
    expect(JSON.parse(String(body))).toMatchObject({ error: { code: 'unavailable', request_id: 'mine' } });
    expect((await fetch(`${url}/things`)).status).toBe(200);
    expect(String(connection.bytes)).not.toContain('late');
  });

  it('has all the time it needs when it takes an upload', async () => {
    const { url, finish } = await open();
    const upload = fetch(`${url}/raw`, { method: 'POST', body: 'bytes' });

    expect((await fetch(`${url}/any`)).status).toBe(503);
    expect((await fetch(`${url}/any`)).status).toBe(503);
    finish({ stored: true });
    expect(await (await upload).json()).toEqual({ stored: true });
  });

  it('has the time on top for which the client would rather wait, and no more', async () => {
    const { url, finish } = await open();
    const patient = fetch(`${url}/any`, { headers: { Prefer: 'wait=20' } });
    const short = fetch(`${url}/any`, { headers: { Prefer: 'wait=1' } });

    expect((await fetch(`${url}/any`)).status).toBe(503);
    expect((await short).status).toBe(503);
    finish({ waited: true });

    expect(await (await patient).json()).toEqual({ waited: true });
  });

  it('is not one that waits for the body of its client', async () => {
    const { url } = await open();
    await using slow = await RawConnection.open(url);
    const body = JSON.stringify({ a: 1 });
    const head = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    await slow.send(requestHead('POST', '/things/1', head));
    expect((await fetch(`${url}/any`)).status).toBe(503);
    expect((await fetch(`${url}/any`)).status).toBe(503);
    await slow.send(body);

    expect((await slow.response()).status).toBe(201);
  });

  it('is not one that answers at length', async () => {
    const { url } = await open();
    const part = Promise.withResolvers<void>();
    small.answer = async (_request, reply) => {
      reply.raw.writeHead(200);
      reply.raw.write('one');
      await part.promise;
      reply.raw.end('two');
      return reply.hijack();
    };
    const long = await fetch(`${url}/own`);
    small.answer = () => new Promise(() => {});
    expect((await fetch(`${url}/any`)).status).toBe(503);
    expect((await fetch(`${url}/any`)).status).toBe(503);
    part.resolve();

    expect(await long.text()).toBe('onetwo');
  });
});
