import type { LookupAddress } from 'node:dns';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { Destinations } from '../../src/outbound/destinations.js';
import { Outbound, type OutboundRequest } from '../../src/outbound/outbound.js';
import { Resolver } from '../../src/outbound/resolver.js';
import { until } from '../conditions.js';
import { onBusyMachine } from '../time.limits.js';
import { type Behaviour, type RemoteServer, startRemote } from './remote.server.js';

/** Names that lead to this machine; one of them to another address of it from the second time on. */
class Rebinding extends Resolver {
  private asked = 0;

  override addresses(host: string): Promise<LookupAddress[]> {
    const address = host === 'rebinding.test' && this.asked++ > 0 ? '127.0.0.2' : '127.0.0.1';
    return Promise.resolve([{ address, family: 4 }]);
  }
}

const LIMITS = { maxBytes: 1_000_000, idleMs: 300, totalMs: 1_500 };
const CHUNK = Buffer.alloc(64 * 1024);

let behave: Behaviour;
let server: RemoteServer;
let outbound: Outbound;

beforeEach(async () => {
  server = await startRemote((...given) => behave(...given));
  outbound = new Outbound(
    new Destinations(loadConfig({ OUTBOUND_ALLOW: 'localhost,rebinding.test' }), new Rebinding()),
  );
});
afterEach(async () => server[Symbol.asyncDispose]());

const get = (url: string, more: Partial<OutboundRequest> = {}) =>
  outbound.send({ method: 'GET', url, headers: {}, headMs: 1_000, limits: LIMITS, ...more });

const textOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return String(Buffer.concat(chunks));
};

const failure = { code: 'remote_failed' };
const redirect =
  (location: string, status = 302): Behaviour =>
  (_, response) => {
    response.writeHead(status, { location }).end();
  };
const flood = (response: ServerResponse): void => {
  while (!response.destroyed && response.write(CHUNK));
  if (!response.destroyed) response.once('drain', () => flood(response));
};

describe('a request', () => {
  it('brings the answer, and says itself who is asked', async () => {
    behave = (_, response) => response.writeHead(201, { 'x-mine': 'yes' }).end('hello');

    const url = `http://rebinding.test:${server.port}/path?query`;
    const answer = await get(url, { method: 'POST', body: 'böse', headers: { 'content-type': 'text/plain' } });

    expect(answer).toMatchObject({ status: 201, headers: { 'x-mine': 'yes' } });
    await expect(textOf(answer.body)).resolves.toBe('hello');
    const [got] = server.received;
    expect(got).toMatchObject({ method: 'POST', path: '/path?query', body: 'böse' });
    expect(got?.headers).toMatchObject({
      host: `rebinding.test:${server.port}`,
      'content-length': '5',
      'accept-encoding': 'identity',
      connection: 'close',
    });
  });

  it('goes to the address that was checked, though the name has another one by then', async () => {
    await using other = await startRemote((_, response) => void response.end('the wrong one'), '127.0.0.2');
    behave = (_, response) => void response.end('the right one');

    const { body } = await get(`http://rebinding.test:${server.port}/`);

    await expect(textOf(body)).resolves.toBe('the right one');
    expect(other.connections()).toBe(0);
  });

  it('does not even connect to what is not allowed', async () => {
    for (const host of ['127.0.0.1', 'internal.test', '[::ffff:127.0.0.1]', '0x7f.1'])
      await expect(get(`http://${host}:${server.port}/`)).rejects.toMatchObject({ code: 'address_not_allowed' });

    expect(server.connections()).toBe(0);
  });
});

describe('a redirect', () => {
  it('is an answer like others unless it is to be followed', async () => {
    behave = redirect('/elsewhere');

    await expect(get(`${server.named}/`)).resolves.toMatchObject({ status: 302 });
    expect(server.received).toHaveLength(1);
  });

  it('is followed, with what was given for the same server only', async () => {
    await using other = await startRemote((_, response) => void response.end('there'));
    behave = ({ url }, response, got) =>
      redirect(url === '/a' ? '/b' : `http://localhost:${other.port}/c`, 307)({} as never, response, got);

    const answer = await get(`${server.named}/a`, { redirects: 3, headers: { authorization: 'mine' } });

    expect(answer.url.href).toBe(`http://localhost:${other.port}/c`);
    await expect(textOf(answer.body)).resolves.toBe('there');
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(['mine', 'mine']);
    expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it.each(['http://127.0.0.1', 'http://internal.test', 'http://[::1]', 'file:///etc/passwd', 'http://a:b@localhost'])(
    'to %s is not followed',
    async (target) => {
      await using other = await startRemote((_, response) => void response.end('secret'));
      behave = redirect(target.startsWith('file') ? target : `${target}:${other.port}/`);

      await expect(get(`${server.named}/`, { redirects: 3 })).rejects.toMatchObject({ code: 'address_not_allowed' });
      expect(other.connections()).toBe(0);
    },
  );

  it('in a circle ends', async () => {
    behave = redirect('/');

    await expect(get(`${server.named}/`, { redirects: 3 })).rejects.toMatchObject(failure);
    expect(server.received).toHaveLength(4);
  });
});

/** What a server can do to whoever waits for it. */
const HOSTILE: readonly (readonly [string, Behaviour])[] = [
  ['says nothing', () => {}],
  ['hangs up', ({ socket }) => void socket.resetAndDestroy()],
  [
    'hangs up in the middle',
    ({ socket }, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => socket.resetAndDestroy());
    },
  ],
  [
    'ends too early',
    ({ socket }, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => socket.end());
    },
  ],
  ['sends without end', (_, response) => flood(response.writeHead(200))],
  ['stops sending', (_, response) => void response.writeHead(200).write('some')],
  [
    'drips its body',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 50);
      response.once('close', () => clearInterval(drip));
    },
  ],
  [
    'drips its head',
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 50);
      socket.once('close', () => clearInterval(drip));
    },
  ],
  ['has a head without end', ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`)],
  ['does not speak HTTP', ({ socket }) => void socket.end('220 mail.example ESMTP\r\n')],
  [
    'wants to talk about something else',
    ({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    },
  ],
];

describe('a server that', () => {
  it.each(HOSTILE)('%s is left alone, soon, and with nothing open', async (_, behaviour) => {
    behave = behaviour;
    const started = performance.now();

    const read = (async () => textOf((await get(`${server.named}/`)).body))();

    await expect(read).rejects.toMatchObject(failure);
    expect(performance.now() - started).toBeLessThan(onBusyMachine(3_000));
  });

  it('sends without end is not read without end', async () => {
    let sent = 0;
    behave = (_, response) => {
      const { socket } = response;
      response.once('close', () => (sent = socket?.bytesWritten ?? 0));
      flood(response.writeHead(200));
    };

    const { body } = await get(`${server.named}/`, { limits: { ...LIMITS, maxBytes: 100_000 } });

    await expect(textOf(body)).rejects.toMatchObject(failure);
    await until(() => server.connections() === 1 && sent >= 0, { describe: 'the connection is closed' });
    expect(sent).toBeLessThan(20_000_000);
  });

  it('is still asked is let go by whoever asked, with the reason', async () => {
    const controller = new AbortController();
    behave = () => controller.abort(new Error('not needed any more'));

    await expect(get(`${server.named}/`, { signal: controller.signal })).rejects.toThrow('not needed any more');
  });

  it('is being read is let go likewise', async () => {
    const controller = new AbortController();
    behave = (_, response) => flood(response.writeHead(200));
    const { body } = await get(`${server.named}/`, {
      signal: controller.signal,
      limits: { ...LIMITS, maxBytes: 1e12 },
    });

    const read = textOf(body);
    controller.abort(new Error('not needed any more'));

    await expect(read).rejects.toThrow('not needed any more');
  });
});
