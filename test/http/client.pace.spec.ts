import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bodyOf } from '../../src/http/body.js';
import { until } from '../conditions.js';
import { RawConnection, requestHead } from '../raw-http.js';
import { onBusyMachine } from '../time.limits.js';
import { SmallApp } from './small.app.js';

/** Half of it is always granted, in which a client must move 500 bytes a second. */
const PATIENCE_MS = 600;
const MEGABYTE = 1024 ** 2;

const closed = (connection: RawConnection, what: string) =>
  until(() => connection.closed, { describe: `the connection with ${what} is ended` });
/** Goes on while the connection is there. */
const trickle = async (connection: RawConnection, bytes: string) => {
  while (!connection.closed && (await connection.send(bytes))) await sleep(50);
};

describe('a slow client', () => {
  let small: SmallApp;
  let url: string;
  beforeAll(async () => {
    small = await SmallApp.open({ SLOW_CLIENT_MS: PATIENCE_MS, MAX_CONNECTIONS: 20 });
    url = await small.listen();
    small.answer = async (request) => ({ bytes: (await text(bodyOf(request))).length });
  });
  afterAll(() => small[Symbol.asyncDispose]());

  it('of a header is cut off, and so is one that says nothing', async () => {
    await using silent = await RawConnection.open(url);
    await using slow = await RawConnection.open(url);
    await slow.send('GET /things HTTP/1.1\r\nHost: a\r\n');
    const sending = trickle(slow, 'X-A: b\r\n');

    await closed(slow, 'a slow header');
    await closed(silent, 'nothing at all');
    await sending;
    expect(slow.bytes.toString()).toContain('408');
  });

  it('of a body is cut off', async () => {
    await using slow = await RawConnection.open(url);
    await slow.send(requestHead('POST', '/raw', { 'Content-Length': MEGABYTE }));
    const sending = trickle(slow, 'x');

    await closed(slow, 'a slow body');
    await sending;
    expect(slow.answered).toBe(false);
  });

  it('of a JSON body is cut off', async () => {
    await using slow = await RawConnection.open(url);
    const fields = { 'Content-Length': 100_000, 'Content-Type': 'application/json' };
    await slow.send(requestHead('POST', '/things/1', fields));
    const sending = trickle(slow, ' ');

    await closed(slow, 'slow JSON');
    await sending;
    expect(slow.answered).toBe(false);
  });

  it('of a body that nobody reads is cut off, though it has its answer', async () => {
    await using slow = await RawConnection.open(url);
    await slow.send(requestHead('GET', '/things', { 'Content-Length': MEGABYTE }));
    expect((await slow.response()).status).toBe(200);
    const sending = trickle(slow, 'x');

    await closed(slow, 'a slow body that nobody reads');
    await sending;
  });

  it('of a body is cut off, though it has sent another request before', async () => {
    const answer = Promise.withResolvers<object>();
    small.answer = (request) => (request.url === '/any' ? answer.promise : text(bodyOf(request)));
    await using slow = await RawConnection.open(url);
    await slow.send(requestHead('GET', '/any', {}) + requestHead('POST', '/raw', { 'Content-Length': MEGABYTE }));
    await slow.settled();
    answer.resolve({});
    expect((await slow.response()).status).toBe(200);
    const sending = trickle(slow, 'x');

    await closed(slow, 'a slow second request');
    await sending;
    small.answer = async (request) => ({ bytes: (await text(bodyOf(request))).length });
  });

  it('that does not take its answer is cut off', async () => {
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    small.answer = async () => ({ long: 'x'.repeat(64 * MEGABYTE) });
    const cut = Promise.withResolvers<void>();
    idle.pause();
    idle.on('error', () => {});
    idle.on('close', () => cut.resolve());
    idle.write(requestHead('GET', '/any', {}));

    const server = small.nest.getHttpServer();
    await until(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count === 1))), {
      describe: 'the connection is there',
    });
    await until(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count === 0))), {
      describe: 'the server has ended it',
    });
    idle.resume();
    await cut.promise;
    expect(idle.bytesRead).toBeLessThan(64 * MEGABYTE);
    small.answer = async (request) => ({ bytes: (await text(bodyOf(request))).length });
  });

  it('may take as long as it likes at a steady rate', async () => {
    const pieces = 40;
    await using steady = await RawConnection.open(url);
    await steady.send(requestHead('POST', '/raw', { 'Content-Length': pieces * 500 }));
    const start = performance.now();
    for (let piece = 0; piece < pieces; piece++) {
      await steady.send('x'.repeat(500));
      await sleep((PATIENCE_MS * 4) / pieces);
    }

    expect(JSON.parse(String((await steady.response()).body))).toEqual({ bytes: pieces * 500 });
    expect(performance.now() - start).toBeGreaterThan(PATIENCE_MS * 3);
  });

  it('is not to blame while the server itself is slow', async () => {
    const patience = Promise.withResolvers<void>();
    small.answer = async (request) => {
      await patience.promise;
      return { bytes: (await text(bodyOf(request))).length };
    };
    await using waiting = await RawConnection.open(url);
    await waiting.send(requestHead('POST', '/raw', { 'Content-Length': 10 }));
    await waiting.send('12345');
    await sleep(PATIENCE_MS * 2);
    patience.resolve();
    await waiting.send('67890');

    expect(JSON.parse(String((await waiting.response()).body))).toEqual({ bytes: 10 });
  });

  it('may be silent while the server works, and not otherwise', async () => {
    const work = Promise.withResolvers<object>();
    small.answer = () => work.promise;
    small.nest.getHttpServer().setTimeout(100);
    await using waiting = await RawConnection.open(url);
    await using refused = await RawConnection.open(url);
    await waiting.send(requestHead('POST', '/raw', { 'Content-Length': 10 }) + '1234567890');
    await refused.send('nonsense\r\n\r\n');

    const server = small.nest.getHttpServer();
    expect((await refused.response()).status).toBe(400);
    await until(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count === 1))), {
      describe: 'the connection of a client that does not hang up is ended',
    });
    await sleep(PATIENCE_MS);
    expect(waiting.closed).toBe(false);
    work.resolve({});
    expect((await waiting.response()).status).toBe(201);
    small.nest.getHttpServer().setTimeout(60_000);
    small.answer = async (request) => ({ bytes: (await text(bodyOf(request))).length });
  });

  it('keeps nobody else waiting', async () => {
    await using stack = new AsyncDisposableStack();
    const calm = stack.use(await SmallApp.open({ SLOW_CLIENT_MS: 60_000, MAX_CONNECTIONS: 20 }));
    const address = await calm.listen();
    for (let number = 0; number < 15; number++) {
      const slow = stack.use(await RawConnection.open(address));
      await slow.send('GET /things HTTP/1.1\r\n');
    }

    const start = performance.now();
    expect((await fetch(`${address}/things`)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(onBusyMachine(500));
  });

  it('cannot have more connections than there may be', async () => {
    await using stack = new AsyncDisposableStack();
    const connections: RawConnection[] = [];
    for (let number = 0; number < 30; number++) {
      const connection = stack.use(await RawConnection.open(url));
      await connection.send('GET /things HTTP/1.1\r\n');
      connections.push(connection);
    }

    await until(() => connections.filter(({ closed }) => closed).length >= 10, { describe: 'ten are refused' });
  });
});
