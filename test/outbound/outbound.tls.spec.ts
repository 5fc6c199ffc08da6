import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { Destinations } from '../../src/outbound/destinations.js';
import { Outbound } from '../../src/outbound/outbound.js';
import { Resolver } from '../../src/outbound/resolver.js';
import { SELF_SIGNED } from './self-signed.js';

class ThisMachine extends Resolver {
  override addresses(): Promise<LookupAddress[]> {
    return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  }
}

describe('a request over https', () => {
  const asked: string[] = [];
  let requests = 0;
  let server: Server;

  beforeEach(async () => {
    server = createServer(
      {
        ...SELF_SIGNED,
        SNICallback: (name, done) => {
          asked.push(name);
          done(null, createSecureContext(SELF_SIGNED));
        },
      },
      (_, response) => {
        requests += 1;
        response.end('hello');
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it('asks for the name of the URL, and tells nothing to a server that cannot prove it', async () => {
    const { port } = server.address() as AddressInfo;
    const outbound = new Outbound(new Destinations(loadConfig({ OUTBOUND_ALLOW: 'secure.test' }), new ThisMachine()));
    const limits = { maxBytes: 1_000, idleMs: 1_000, totalMs: 1_000 };

    const sent = outbound.send({
      method: 'POST',
      url: `https://secure.test:${port}/`,
      headers: { authorization: 'secret' },
      body: 'secret',
      headMs: 5_000,
      limits,
    });

    await expect(sent).rejects.toMatchObject({
      code: 'remote_failed',
      message: expect.stringContaining('SELF_SIGNED'),
    });
    expect(asked).toEqual(['secure.test']);
    expect(requests).toBe(0);
  });
});
