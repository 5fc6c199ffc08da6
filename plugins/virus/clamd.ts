import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { ToolError } from 'toolyard/sdk';

const CHUNK_BYTES = 64 * 1024;
const USUAL_PORT = 3310;
/** A longer answer is none that clamd gives. */
const MOST_REPLY_CHARACTERS = 4_096;
const SILENCE_MS = 120_000;

/** Where a clamd listens, from `tcp://host:port`. @throws ToolError `scanner_unavailable` when that is no such address */
export function placeOf(url: string): { host: string; port: number } {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'tcp:' || parsed.hostname === '') {
    throw new ToolError(
      'scanner_unavailable',
      'CLAMD_URL is not an address such as tcp://clamd:3310. Tell the operator.',
    );
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: Number(parsed.port || USUAL_PORT) };
}

/**
 * What clamd says of a file, by its command INSTREAM, see clamd(8): each chunk with its length before it, and an empty one
 * at the end.
 *
 * @throws ToolError `scanner_unavailable`
 */
export async function askClamd(
  url: string,
  path: string,
  signal: AbortSignal,
  advance: (bytes: number) => void,
): Promise<string> {
  const socket = connect(placeOf(url));
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const reply = replyOf(socket);
    // Whoever has heard enough answers before all is sent.
    await Promise.race([reply, send(socket, path, advance)]);
    return await reply;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function replyOf(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const end = text.search(/[\0\n]/);
    if (end !== -1) resolve(text.slice(0, end).trim());
    else if (text.length > MOST_REPLY_CHARACTERS) socket.destroy();
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    reject(new ToolError('scanner_unavailable', 'The virus scanner does not answer. Try again later.'));
  });
  promise.catch(() => {});
  return promise;
}

/** Ends when all is sent, or nobody listens any more. */
async function send(socket: Socket, path: string, advance: (bytes: number) => void): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'));
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    await setImmediate();
    if (socket.destroyed) return;
    await write(socket, Buffer.concat([lengthOf(chunk.length), chunk]));
    advance(chunk.length);
  }
  await write(socket, lengthOf(0));
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
