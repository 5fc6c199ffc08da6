import { isAscii, isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { type Encoding, guessLegacy, isSingleByte } from './encoding.ts';
import { NEWLINE } from './record.ts';

const CHUNK_BYTES = 4 * 1024 ** 2;
const SAMPLE_BYTES = 64 * 1024;

export interface Judgement {
  readonly encoding: Encoding;
  /** Whether other lines are in UTF-8, which must not be read as letters of the old encoding. */
  readonly mixed: boolean;
}

/**
 * The encoding of a file that is not UTF-8 throughout. Lines with letters beyond ASCII are counted: where most of them
 * are UTF-8 the others are the broken ones; else the file is in an old encoding, guessed from the lines that are not UTF-8.
 */
export async function judgeEncoding(path: string, signal: AbortSignal): Promise<Judgement> {
  const count = new LineCount();
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let kept = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept);
    const bytes = buffer.subarray(0, kept + bytesRead);
    const cut = bytesRead === 0 ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    // A line that fills the buffer is looked at in pieces.
    const end = cut === 0 && bytes.length === buffer.length ? bytes.length : cut;
    count.add(bytes.subarray(0, end));
    if (bytesRead === 0) return count.judge();
    kept = bytes.copy(buffer, 0, end);
  }
}

class LineCount {
  private modern = 0;
  private foreign = 0;
  private readonly sample: Buffer[] = [];
  private sampled = 0;

  add(bytes: Buffer): void {
    if (isAscii(bytes)) return;
    for (let at = 0; at < bytes.length;) {
      const found = bytes.indexOf(NEWLINE, at);
      const end = found === -1 ? bytes.length : found + 1;
      this.line(bytes.subarray(at, end));
      at = end;
    }
  }

  async judge(): Promise<Judgement> {
    if (this.modern >= this.foreign) return { encoding: 'utf-8', mixed: false };
    const encoding = await guessLegacy(Buffer.concat(this.sample));
    return { encoding, mixed: this.modern > 0 && isSingleByte(encoding) };
  }

  private line(line: Buffer): void {
    if (isAscii(line)) return;
    if (isUtf8(line)) {
      this.modern++;
      return;
    }
    this.foreign++;
    if (this.sampled > SAMPLE_BYTES) return;
    this.sample.push(Buffer.from(line));
    this.sampled += line.length;
  }
}
