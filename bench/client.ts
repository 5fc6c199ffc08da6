import { Agent, type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { Platform } from '../test/platform.ts';
import type { Credentials } from '../test/visitor.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** As little as a client can be, so that it takes no processor time from the server. Connections are kept. */
export class Client implements Disposable {
  private readonly agent: Agent;
  private readonly target: RequestOptions;
  private readonly credentials: Credentials;

  constructor({ url, credentials }: Platform, connections: number) {
    const { hostname, port } = new URL(url);
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.target = { agent: this.agent, hostname, port };
    this.credentials = credentials;
  }

  get(path: string): Promise<Answer> {
    return this.send({ method: 'GET', path });
  }

  delete(path: string): Promise<Answer> {
    return this.send({ method: 'DELETE', path });
  }

  post(path: string, contentType: string, body: Buffer, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const headers = { 'content-type': contentType, 'content-length': body.length, ...more };
    return this.send({ method: 'POST', path, headers }, body);
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
  }

  private send({ method, path, headers: more = {} }: Sent, body?: Buffer): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = { ...this.credentials, ...more };
    const sent = request({ ...this.target, method, path, headers }, (response) => resolve(collect(response)));
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }
}

/** A whole response. @throws when it breaks off */
export function collect(response: IncomingMessage): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
  response.on('error', reject);
  return promise;
}

export function unexpected({ status, body }: Answer): Error {
  return new Error(`The server answered ${status}: ${body.toString('utf8', 0, 1_000)}`);
}
