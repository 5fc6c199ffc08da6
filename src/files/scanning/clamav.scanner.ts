import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clamavVerdict } from './clamav.reply.js';
import { Scanner, ScannerUnavailable, type ScanVerdict } from './scanner.js';

/** A longer answer is none that clamd gives. */
const MOST_REPLY_BYTES = 4_096;
const USUAL_PORT = 3310;
/** How often it may hang up without an answer that could be read. */
const MOST_TRIES = 4;
const CHUNK_BYTES = 64 * 1024;
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
    for (let tries = 1; ; tries++) {
      try {
        return await this.ask(await open());
      } catch (error) {
        if (!isHangUp(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  private async ask(source: Readable): Promise<ScanVerdict> {
    source.on('error', () => {});
    const socket = this.connect();
    try {
      const reply = replyOf(socket);
      // Whoever refuses what is sent says why: the answer counts, not that the sending failed.
      const sent = send(socket, source).then(() => reply);
      sent.catch(() => {});
      return clamavVerdict(await Promise.race([reply, sent]));
    } finally {
      socket.destroy();
      source.destroy();
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

/** Rejects with what the source throws. When the socket fails, the reply rejects; here it only ends. */
async function send(socket: Socket, source: Readable): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'));
  for await (const bytes of source as AsyncIterable<Buffer>) {
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      // A scanner that has had enough answers and hangs up. Where a write fails before the answer is read, the answer is
      // lost, so there is one look for each write. That makes it rare; see isHangUp for the rest.
      await setImmediate();
      if (socket.destroyed) return;
      await write(socket, framed(bytes.subarray(start, start + CHUNK_BYTES)));
    }
  }
  await setImmediate();
  await write(socket, END_OF_STREAM);
}

function framed(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return Buffer.concat([length, chunk]);
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

/**
 * The connection broke while bytes were sent. Either the scanner has said that it is too much, and the answer was lost, or
 * it is dead: asking again tells which.
 */
function isHangUp(error: unknown): boolean {
  if (!(error instanceof ScannerUnavailable) || !(error.cause instanceof Error)) return false;
  return 'code' in error.cause && (error.cause.code === 'EPIPE' || error.cause.code === 'ECONNRESET');
}

function unavailable(cause: Error): ScannerUnavailable {
  if (cause instanceof ScannerUnavailable) return cause;
  return new ScannerUnavailable('The virus scanner does not answer.', { cause });
}
