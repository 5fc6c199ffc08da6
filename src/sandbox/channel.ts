import type { Socket } from 'node:net';

/** Bytes of one message. */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** Reads for one message: a pipe hands over some KB at a time, so more of them are meant to cost this side memory. */
const MAX_PARTS = 4_096;

const TOO_LARGE = 'A message is larger than 1 MB.';

const NEWLINE = 10;

/** The other side broke the rules of the channel. */
export class ChannelFault extends Error {
  override readonly name = 'ChannelFault';
}

/**
 * JSON values over a pipe, one a line (what Node's own `process.send` does, too). Bytes are counted before they are
 * parsed or joined, so that nobody makes this side hold more than one message. After a fault it hears nothing more.
 */
export class Channel {
  private readonly parts: Buffer[] = [];
  private partsLength = 0;
  private deaf = false;

  /** @param receive is given each value and its length in bytes. */
  constructor(
    private readonly socket: Socket,
    private readonly receive: (value: unknown, length: number) => void,
    private readonly fail: (fault: ChannelFault) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    // The pipe breaks when the process at its other end is gone, and that is noticed in another way.
    socket.on('error', () => {});
  }

  /** Throws ChannelFault when the message is too large, and TypeError when it is not JSON. */
  send(message: object): void {
    const line = JSON.stringify(message);
    if (line.length > MAX_MESSAGE_BYTES / 3 && Buffer.byteLength(line) > MAX_MESSAGE_BYTES)
      throw new ChannelFault(TOO_LARGE);
    if (this.socket.writable) this.socket.write(`${line}\n`);
  }

  /** Hears nothing more, not even what has already come. */
  close(): void {
    this.deaf = true;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    let start = 0;
    while (!this.deaf) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.take(chunk.subarray(start, end));
      start = end + 1;
    }
    if (!this.deaf && start < chunk.length) this.keep(chunk.subarray(start));
  }

  private keep(part: Buffer): void {
    this.parts.push(part);
    this.partsLength += part.length;
    if (this.partsLength > MAX_MESSAGE_BYTES) this.stop(TOO_LARGE);
    else if (this.parts.length > MAX_PARTS) this.stop('A message comes in too many pieces.');
  }

  private take(part: Buffer): void {
    this.keep(part);
    if (this.deaf) return;

    const line = this.parts.length === 1 ? part : Buffer.concat(this.parts);
    this.parts.length = 0;
    this.partsLength = 0;
    const value = parse(line.toString());
    if (value === undefined) this.stop('A message is not JSON.');
    else this.receive(value, line.length);
  }

  private stop(reason: string): void {
    this.close();
    this.fail(new ChannelFault(reason));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
