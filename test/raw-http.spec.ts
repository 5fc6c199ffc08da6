import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from './conditions.js';
import { exchange, RawConnection, requestHead } from './raw-http.js';
import { freePort } from './servers/free-port.js';

const KIB = 1_024;
let server: Server;

const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
  const port = await freePort();
  server = createServer(handle).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${port}`;
};

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const echo = (request: IncomingMessage, response: ServerResponse) => void request.pipe(response);

describe('exchange', () => {
  it('sends exactly these bytes and reads a response in chunks', async () => {
    const url = await listen(echo);
    const chunks = [requestHead('POST', '/', { 'Content-Length': 4 }), 'ab', Buffer.from('cd')];

    const { response, sent, error } = await exchange(url, { chunks });

    expect(response).toMatchObject({ status: 200, reason: 'OK', body: Buffer.from('abcd') });
    expect(response?.headers.get('transfer-encoding')).toEqual(['chunked']);
    expect(sent).toBe(chunks.join('').length);
    expect(error).toBeUndefined();
  });

  it('passes over 100 Continue and keeps repeated headers apart', async () => {
    const url = await listen((request, response) => {
      request.resume();
      response.setHeader('Set-Cookie', ['a=1', 'b=2']).end('done');
    });
    const head = requestHead('POST', '/', { 'Content-Length': 0, Expect: '100-continue' });

    const { response } = await exchange(url, { chunks: [head] });

    expect(response).toMatchObject({ status: 200, body: Buffer.from('done') });
    expect(response?.headers.get('set-cookie')).toEqual(['a=1', 'b=2']);
  });

  it('delivers every byte before the abort and none after it', async () => {
    for (const kind of ['fin', 'rst'] as const) {
      const seen: Buffer[] = [];
      const url = await listen((request) => {
        request.on('data', (chunk: Buffer) => seen.push(chunk)).on('error', () => {});
      });
      const head = requestHead('POST', '/', { 'Content-Length': 10_000 });

      const outcome = await exchange(url, {
        chunks: [head, Buffer.alloc(10_000, 'x')],
        abort: { at: head.length + 1_234, with: kind },
      });

      expect(outcome.sent).toBe(head.length + 1_234);
      expect(Buffer.concat(seen)).toHaveLength(1_234);
      server.close();
    }
  });

  it('tells the server of a reset, and of a mere end of our side', async () => {
    const ends: string[] = [];
    const url = await listen((request) => {
      request.resume().on('error', ({ code }: NodeJS.ErrnoException) => ends.push(String(code)));
    });
    server.on('connection', (socket) => {
      socket
        .on('end', () => ends.push('FIN'))
        .on('error', ({ code }: NodeJS.ErrnoException) => ends.push(String(code)));
    });
    const head = requestHead('POST', '/', { 'Content-Length': 10 });

    await exchange(url, { chunks: [head], abort: { at: head.length, with: 'rst' } });
    await until(() => ends.length > 0, { describe: 'the server noticed' });
    const afterReset = ends.splice(0);
    await exchange(url, { chunks: [head], abort: { at: head.length, with: 'fin' } });

    expect(afterReset).not.toContain('FIN');
    expect(ends).toContain('FIN');
  });

  it('stops sending when the answer comes, and tells how much the server has read by then', async () => {
    const url = await listen((request, response) => {
      let read = 0;
      request.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read < 256 * KIB || response.headersSent) return;
        request.pause();
        response.writeHead(415).end(String(read));
      });
    });
    const endless = function* () {
      yield requestHead('POST', '/', { 'Content-Length': 2 ** 31 });
      for (;;) yield Buffer.alloc(64 * KIB);
    };

    const { response, accepted } = await exchange(url, { chunks: endless(), lockstep: true });

    expect(response?.status).toBe(415);
    expect(accepted).toBeGreaterThanOrEqual(256 * KIB);
    expect(accepted).toBeLessThan(512 * KIB);
  });

  it('answers without a response when the server just closes', async () => {
    const url = await listen((request) => request.socket.destroy());

    const { response } = await exchange(url, { chunks: [requestHead('GET', '/', {})] });

    expect(response).toBeUndefined();
  });

  it('throws when nothing happens in time', async () => {
    const url = await listen(() => {});

    const waiting = exchange(url, { chunks: [requestHead('GET', '/', {})], timeoutMs: 50 });

    await expect(waiting).rejects.toThrow('until the server answers or closes');
  });
});

describe('RawConnection', () => {
  it('leaves the pace to the test', async () => {
    const url = await listen(echo);
    await using connection = await RawConnection.open(url);

    await connection.send(requestHead('POST', '/', { 'Content-Length': 2 }));
    await connection.settled();
    const early = connection.answered;
    await connection.send('a');
    await connection.send('b');

    expect(early).toBe(false);
    await expect(connection.response()).resolves.toMatchObject({ status: 200, body: Buffer.from('ab') });
  });

  it('does not count what waits in the kernel as accepted', async () => {
    const url = await listen((request) => request.pause());
    await using connection = await RawConnection.open(url);
    await connection.send(requestHead('POST', '/', { 'Content-Length': 2 ** 31 }));

    for (let megabytes = 0; megabytes < 4; megabytes++) void connection.send(Buffer.alloc(KIB * KIB));
    await until(() => connection.sent > KIB * KIB, { describe: 'the kernel has taken a megabyte' });

    expect(connection.accepted).toBeLessThan(512 * KIB);
  });
});
