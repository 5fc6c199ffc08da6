import { createHash } from 'node:crypto';
import { Problem } from '../errors/problem.js';
import { detect, HEAD_BYTES } from './detection/detect.js';
import type { MediaType } from './detection/media-type.js';

export interface IntakeOptions {
  /** Largest number of bytes that may pass. */
  readonly maxBytes: number;
  /** What it ends with when more come. Default: Problem `file_too_large`. */
  readonly tooMany?: () => Problem;
  /** Told the type before more than the head passes; whatever it throws ends the file. */
  readonly accept?: (type: MediaType) => void | Promise<void>;
}

/** What is known when the last byte has passed. */
export interface Ingested extends MediaType {
  /** In bytes. */
  readonly size: number;
  /** In hexadecimal, lower case. */
  readonly sha256: string;
}

/**
 * Learns in one pass all that a file row needs: how many bytes, their SHA-256, their type. Keeps no chunk, so whoever
 * gives them may use one buffer for all. It may outlive the request that brings a piece of the file.
 *
 * @example await storage.pour(key, intake.watch(chunks)); const { size, sha256, type } = await intake.result();
 */
export class Intake {
  private readonly hash = createHash('sha256');
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private type: MediaType | undefined;
  private bytes = 0;

  constructor(private readonly options: IntakeOptions) {}

  /** Bytes that have passed. */
  get size(): number {
    return this.bytes;
  }

  /** A piece, as it comes. */
  async *watch(piece: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of piece) {
      await this.add(chunk);
      yield chunk;
    }
  }

  /** @throws Problem `file_too_large`, or what `accept` throws; then the chunk may not pass */
  async add(chunk: Buffer): Promise<void> {
    const { maxBytes, tooMany } = this.options;
    if (this.bytes + chunk.length > maxBytes) throw tooMany?.() ?? tooLarge(maxBytes);
    if (this.bytes < HEAD_BYTES) await this.lookAt(chunk);
    this.hash.update(chunk);
    this.bytes += chunk.length;
  }

  /** What was learned; only after the last byte, and only once. @throws what `accept` throws, or Problem `file_empty` */
  async result(): Promise<Ingested> {
    if (this.bytes === 0) throw new Problem('file_empty', 'The file is empty: it has no bytes at all.');
    this.type ??= await this.judge(this.bytes, true);
    return { ...this.type, size: this.bytes, sha256: this.hash.digest('hex') };
  }

  private async lookAt(chunk: Buffer): Promise<void> {
    chunk.copy(this.head, this.bytes);
    const known = this.bytes + chunk.length;
    if (known >= HEAD_BYTES) this.type = await this.judge(HEAD_BYTES, false);
  }

  private async judge(bytes: number, whole: boolean): Promise<MediaType> {
    const type = await detect(this.head.subarray(0, bytes), whole);
    await this.options.accept?.(type);
    return type;
  }
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('file_too_large', `The file has more than ${maxBytes} bytes, the most that is accepted.`);
}
