import { createHash } from 'node:crypto';
import { Problem } from '../../errors/problem.js';
import { detect, HEAD_BYTES } from '../detection/detect.js';
import type { MediaType } from '../detection/media-type.js';
import type { Ingested } from '../ingest.js';

/**
 * What is learned of an upload while its pieces pass: how many bytes, their SHA-256, and their type as soon as the head
 * is here. It outlives the request that brings a piece, so that nothing need be read again for the next one.
 */
export class UploadIntake {
  private readonly hash = createHash('sha256');
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private type: MediaType | undefined;
  private bytes = 0;

  /** @param accept told the type before more than the head passes; what it throws ends the piece */
  constructor(private readonly accept: (type: MediaType) => void) {}

  /** Bytes that have passed. */
  get size(): number {
    return this.bytes;
  }

  /** A piece, as it comes. */
  async *watch(piece: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of piece) {
      if (this.bytes < HEAD_BYTES) await this.lookAt(chunk);
      this.hash.update(chunk);
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  /** What was learned; only after the last piece, and only once. @throws what `accept` throws, or Problem `file_empty` */
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
    this.accept(type);
    return type;
  }
}
