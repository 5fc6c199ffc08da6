import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { bodyOf } from '../../src/http/body.js';
import { until } from '../conditions.js';
import { exchange, RawConnection, requestHead } from '../raw-http.js';
import { onBusyMachine } from '../time.limits.js';
import { SmallApp } from './small.app.js';

const MIB = Buffer.alloc(1024 * 1024);

const head = (path: string, length: number) =>
  requestHead('POST', path, { 'Content-Type': 'application/octet-stream', 'Content-Length': length });

const refuseAtOnce = async (): Promise<never> => {
  throw new Problem('file_type_not_accepted', 'Not this one.');
};

const refuseLater = async (...[request]: Parameters<SmallApp['answer']>): Promise<never> => {
  for await (const _ of bodyOf(request)) throw new Problem('file_type_not_accepted', 'Not this one.');
  throw new Error('There was no body.');
};

describe('an answer to a request that is still being sent', () => {
  let small: SmallApp;
  let url: string;
  beforeAll(async () => {
    small = await SmallApp.open();
    url = await small.listen();
  });
  afterAll(() => small[Symbol.asyncDispose]());

  it.each([
    ['before the body is looked at', refuseAtOnce],
    ['while the body is read', refuseLater],
  ])('reaches a client that goes on sending, when it comes %s', async (_, answer) => {
    small.answer = answer;
    const chunks = [head('/raw', 200 * MIB.length), ...Array.from({ length: 200 }, () => MIB)];

    const { response, accepted } = await exchange(url, { chunks });

    expect(response?.status).toBe(415);
    expect(JSON.parse(String(response?.body))).toMatchObject({ error: { code: 'file_type_not_accepted' } });
    expect(response?.headers.get('connection')).toEqual(['close']);
    expect(accepted).toBeLessThan(20 * MIB.length);
  });

  it('ends the connection: at once for a client that hears it', async () => {
    small.answer = refuseAtOnce;
    const accepted = once(small.nest.getHttpServer(), 'connection');
    await using connection = await RawConnection.open(url);
    const [theirs] = await accepted;
    await connection.send(head('/raw', MIB.length));
    await connection.response();

    await until(() => connection.closed, { describe: 'the server has ended its side' });

    // Its side only: it does not cut off a client that has not ended its own.
    expect([theirs.writableFinished, theirs.destroyed]).toEqual([true, false]);
    expect(connection.error).toBeUndefined();
  });

  it('ends the connection: after two seconds for a client that does not', async () => {
    small.answer = refuseAtOnce;
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    const started = performance.now();
    socket.write(head('/raw', 10 ** 9));
    const sending = setInterval(() => socket.write('x'), 50);

    await new Promise((resolve) => socket.once('close', resolve));

    clearInterval(sending);
    expect(performance.now() - started).toBeGreaterThan(1_500);
    expect(performance.now() - started).toBeLessThan(onBusyMachine(5_000));
  });

  it('leaves the connection alone when the request has come whole', async () => {
    await using connection = await RawConnection.open(url);
    small.answer = refuseAtOnce;
    const request = `${requestHead('POST', '/form', { 'Content-Type': 'application/json', 'Content-Length': 2 })}{}`;
    for (let times = 0; times < 2; times++) await connection.send(request);

    await until(() => connection.bytes.toString().split('HTTP/1.1 4').length === 3, { describe: 'both are answered' });

    expect(connection.closed).toBe(false);
  });

  it('leaves the connection alone when there is no body', async () => {
    await using connection = await RawConnection.open(url);
    await connection.send(requestHead('GET', '/nothing', {}));

    const response = await connection.response();

    expect(response.status).toBe(404);
    expect(response.headers.get('connection')).toEqual(['keep-alive']);
  });
});
