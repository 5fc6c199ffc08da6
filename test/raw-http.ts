import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './conditions.ts';
import { parseResponse, type RawResponse } from './raw-response.ts';
import { bytesInKernel } from './servers/socket-queues.ts';

export type { RawResponse } from './raw-response.ts';

const ANSWER_MS = 15_000;

/** One TCP connection to a server, under full control: exact bytes, chunk by chunk, and either kind of end. */
export class RawConnection implements AsyncDisposable {
  private readonly socket: Socket;
  private readonly received: Buffer[] = [];
  private ended = false;
  private failure: NodeJS.ErrnoException | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.received.push(chunk));
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.ended = true));
    socket.on('error', (error) => (this.failure = error));
  }

  /** Of the URL only host and port count. */
  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** The server has ended its side, or the connection is broken. */
  get closed(): boolean {
    return this.ended;
  }

  /** `ECONNRESET`, `EPIPE` …, if the connection broke. */
  get error(): string | undefined {
    return this.failure?.code;
  }

  /** All that has arrived so far, as it came. */
  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  /** Bytes that the kernel has taken from us. */
  get sent(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Bytes that the process of the server has read, as far as `bytesInKernel` can tell; else those sent. */
  get accepted(): number {
    return this.sent - (bytesInKernel(this.socket) ?? 0);
  }

  /** Resolves when the kernel has taken the bytes: with false when the connection is broken. */
  send(bytes: Buffer | string): Promise<boolean> {
    if (this.socket.destroyed) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.socket.write(bytes, (error) => resolve(!error));
    return promise;
  }

  /** Resolves when the server has read all that was sent, answered or closed; throws when it does none of these. */
  async settled(timeoutMs: number = ANSWER_MS): Promise<void> {
    await until(() => this.ended || this.received.length > 0 || !bytesInKernel(this.socket), {
      timeoutMs,
      describe: 'the server has read all that was sent',
    });
  }

  /** Ends our side (FIN) and goes on listening. */
  finish(): void {
    this.socket.end();
  }

  /** Breaks the connection (RST). */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Whether a final response has come whole. */
  get answered(): boolean {
    return parseResponse(this.bytes, this.ended) !== undefined;
  }

  /** The first final response. Throws when the connection ends without, or nothing comes in time (default: 15 s). */
  async response(timeoutMs: number = ANSWER_MS): Promise<RawResponse> {
    await until(() => this.ended || this.answered, { timeoutMs, describe: 'a whole response has come' });
    const response = parseResponse(this.bytes, this.ended);
    if (!response) throw new Error(`The connection ended without a response (${this.error ?? 'FIN'}).`);
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}

export interface Exchange {
  /** The bytes of the request, in pieces. Sending stops early when the server answers or closes. */
  readonly chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>;
  /** Send no byte after the first `at`, and then end our side (`fin`) or break the connection (`rst`). */
  readonly abort?: { readonly at: number; readonly with: 'fin' | 'rst' };
  /** Send a piece only when the server has read the one before, so that `accepted` is exact to one piece. Slow. */
  readonly lockstep?: boolean;
  /** How long to wait for the response. Default: 15 seconds. */
  readonly timeoutMs?: number;
}

export interface Outcome {
  /** Undefined: the connection ended without, as it must after `rst`. */
  readonly response: RawResponse | undefined;
  readonly sent: number;
  readonly accepted: number;
  /** The code of the connection's error, if it broke. */
  readonly error: string | undefined;
}

/** Sends one request over a connection of its own, and tells all that can be seen from outside. */
export async function exchange(url: string, { chunks, abort, lockstep, timeoutMs }: Exchange): Promise<Outcome> {
  await using connection = await RawConnection.open(url);
  await sendAll(connection, abort ? cut(chunks, abort.at) : chunks, lockstep === true);
  if (abort) await connection.settled(timeoutMs);
  if (abort?.with === 'fin') connection.finish();
  if (abort?.with === 'rst') connection.reset();

  const answered = abort?.with !== 'rst' && (await hasAnswered(connection, timeoutMs));
  const { sent, accepted, error } = connection;
  return { response: answered ? await connection.response() : undefined, sent, accepted, error };
}

async function sendAll(connection: RawConnection, chunks: Exchange['chunks'], lockstep: boolean): Promise<void> {
  for await (const chunk of chunks) {
    if (connection.closed || connection.answered || !(await connection.send(chunk))) return;
    if (lockstep) await connection.settled();
  }
}

async function* cut(chunks: Exchange['chunks'], bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left <= 0) return;
    const piece = (typeof chunk === 'string' ? Buffer.from(chunk) : chunk).subarray(0, left);
    left -= piece.length;
    yield piece;
  }
}

async function hasAnswered(connection: RawConnection, timeoutMs: number = ANSWER_MS): Promise<boolean> {
  await until(() => connection.closed || connection.answered, { timeoutMs, describe: 'the server answers or closes' });
  return connection.answered;
}

/** The head of an HTTP/1.1 request with the blank line after it. `Host` is added; nothing is checked or escaped. */
export function requestHead(
  method: string,
  target: string,
  headers: Readonly<Record<string, string | number>>,
): string {
  const fields = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${fields.join('')}\r\n`;
}
