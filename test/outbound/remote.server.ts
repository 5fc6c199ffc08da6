import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that has come, with its whole body. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly atMs: number;
}

export type Behaviour = (...request: [...Parameters<RequestListener>, Received]) => void;

/** Somebody else's HTTP server on this machine, and all that it was sent. */
export interface RemoteServer extends AsyncDisposable {
  readonly port: number;
  /** With the address in digits; no slash at the end. */
  readonly url: string;
  /** The same by name, which can be allowed on its own. */
  readonly named: string;
  readonly received: readonly Received[];
  /** How many connections there have been, whether or not something was asked. */
  readonly connections: () => number;
}

/** @param address one of 127.0.0.0/8 */
export async function startRemote(behave: Behaviour, address = '127.0.0.1'): Promise<RemoteServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const got = { method, path, headers, body: String(Buffer.concat(chunks)), atMs: Date.now() };
      received.push(got);
      behave(request, response, got);
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, address, listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${address}:${port}`,
    named: `http://localhost:${port}`,
    received,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
