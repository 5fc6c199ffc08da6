import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clamavVerdict } from './clamav.reply.js';
import { Scanner, ScannerUnavailable, type ScanVerdict } from './scanner.js';

/** A longer answer is none that clamd gives. */
const MOST_REPLY_BYTES = 4_096;
const USUAL_PORT = 3310;
const CHUNK_BYTES = 64 * 1024;
const MOST_IN_ONE_CHUNK = 2 ** 32 - 1;
const COMMAND = Buffer.from('zINSTREAM\0');
const END_OF_STREAM = Buffer.alloc(4);

/**
 * Asks a clamd by its INSTREAM command, see clamd(8): each chunk with its length before it, an empty one at the end, and
 * one line as the answer, ended by NUL. One connection for each file.
 */
export class ClamavScanner extends Scanner {
  /**
   * @param url `tcp://host:port` or `unix:///path`
   * @param silenceMs how long the scanner may neither take bytes nor answer
   */
  constructor(
    private readonly url: string,
    private readonly silenceMs: number,
  ) {
    super();
  }

  override async scan(open: () => Promise<Readable>): Promise<ScanVerdict> {
    const source = await open();
    const sent = { bytes: 0, all: false };
    try {
      const verdict = clamavVerdict(await this.converse((socket) => send(socket, source, sent)));
      if (verdict.type !== 'clean' || sent.all) return verdict;
      return { type: 'error', reason: 'It called the file clean before it had seen all of it.' };
    } catch (error) {
      if (!isHangUp(error)) throw error;
      return this.explainHangUp(sent.bytes, error);
    } finally {
      source.destroy();
    }
  }

  /**
   * The connection broke while bytes were sent. Where the scanner has said that they are too many and hung up, its words
   * were lost with what it had not read. So it is asked again, with the number of bytes and none of them: then there is
   * nothing that its words could be lost with. Whatever else it says is no verdict on the file.
   */
  private async explainHangUp(bytes: number, error: unknown): Promise<ScanVerdict> {
    const verdict = clamavVerdict(await this.converse((socket) => announce(socket, bytes)));
    if (verdict.type === 'too_large') return verdict;
    throw error;
  }

  private async converse(speak: (socket: Socket) => Promise<void>): Promise<string> {
    const socket = this.connect();
    try {
      const reply = replyOf(socket);
      // Whoever refuses what is sent says why: the answer counts, not that the sending failed.
      const spoken = speak(socket).then(() => reply);
      spoken.catch(() => {});
      return await Promise.race([reply, spoken]);
    } finally {
      socket.destroy();
    }
  }

  private connect(): Socket {
    const { protocol, hostname, port } = new URL(this.url);
    const socket =
      protocol === 'unix:'
        ? connect({ path: fileURLToPath(this.url.replace(/^unix:/, 'file:')) })
        : connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || USUAL_PORT) });
    socket.setTimeout(this.silenceMs, () => {
      socket.destroy(new ScannerUnavailable(`The virus scanner was silent for ${this.silenceMs} ms.`));
    });
    return socket;
  }
}

/** The one answer of a connection. A connection that ends without it gives none. */
function replyOf(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const end = text.search(/[\0\n]/);
    if (end !== -1) resolve(text.slice(0, end).trim());
    else if (text.length > MOST_REPLY_BYTES) reject(new ScannerUnavailable('The virus scanner talks nonsense.'));
  });
  socket.once('error', (cause) => reject(unavailable(cause)));
  socket.once('close', () => reject(new ScannerUnavailable('The virus scanner hung up without an answer.')));
  promise.catch(() => {});
  return promise;
}

/** What clamd has been told of a file so far. */
interface Sent {
  /** Of the file; their number goes ahead of them. */
  bytes: number;
  all: boolean;
}

/** Rejects with what the source throws. When the socket fails, the reply rejects; here it only ends. */
async function send(socket: Socket, source: Readable, sent: Sent): Promise<void> {
  source.on('error', () => {});
  await write(socket, COMMAND);
  for await (const bytes of source as AsyncIterable<Buffer>) {
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      // A scanner that has had enough answers and hangs up: one look for each write, so that it is mostly heard at once.
      await setImmediate();
      if (socket.destroyed) return;
      const chunk = bytes.subarray(start, start + CHUNK_BYTES);
      sent.bytes += chunk.length;
      await write(socket, framed(chunk));
    }
  }
  await setImmediate();
  sent.all = true;
  await write(socket, END_OF_STREAM);
}

/** Says how many bytes would come, and that none do. */
async function announce(socket: Socket, bytes: number): Promise<void> {
  await write(socket, Buffer.concat([COMMAND, lengthOf(Math.min(bytes, MOST_IN_ONE_CHUNK))]));
  socket.end();
}

function framed(chunk: Buffer): Buffer {
  return Buffer.concat([lengthOf(chunk.length), chunk]);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** Waits until the bytes are taken, or there is nobody any more who would take them. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('close', done);
      resolve();
    };
    socket.once('close', done);
    socket.write(bytes, done);
  });
}

/** The connection broke, and perhaps an answer with it. Told by the code alone: not every realm has the same Error. */
function isHangUp(error: unknown): boolean {
  if (!(error instanceof ScannerUnavailable)) return false;
  const { cause } = error;
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return false;
  return cause.code === 'EPIPE' || cause.code === 'ECONNRESET';
}

function unavailable(cause: Error): ScannerUnavailable {
  if (cause instanceof ScannerUnavailable) return cause;
  return new ScannerUnavailable('The virus scanner does not answer.', { cause });
}
