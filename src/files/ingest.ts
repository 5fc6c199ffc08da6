import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { Problem } from '../errors/problem.js';
import { detect, HEAD_BYTES } from './detection/detect.js';
import type { MediaType } from './detection/media-type.js';

export interface IngestOptions {
  /** Largest number of bytes that may pass. */
  readonly maxBytes: number;
  /** What it ends with when more come. Default: Problem `file_too_large`. */
  readonly tooMany?: () => Problem;
  /** Told the type as soon as the head is here, before more passes; whatever it throws ends the stream. */
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
 * Stands between a source and storage, and learns in one pass all that a file row needs: how many bytes, their SHA-256, their type.
 * Ends with Problem `file_too_large`, `file_empty`, or what `accept` throws.
 *
 * @example await pipeline(source, ingest, destination); const { size, sha256, type } = ingest.result();
 */
export class Ingest extends Transform {
  private readonly hash = createHash('sha256');
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private size = 0;
  private type: MediaType | undefined;
  private sha256: string | undefined;

  constructor(private readonly options: IngestOptions) {
    super();
  }

  /** What was learned; only after the end. */
  result(): Ingested {
    if (!this.type || !this.writableFinished) throw new Error('The result of an ingest was asked for before its end.');
    this.sha256 ??= this.hash.digest('hex');
    return { ...this.type, size: this.size, sha256: this.sha256 };
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const before = this.size;
    this.size += chunk.length;
    if (this.size > this.options.maxBytes) {
      done(this.options.tooMany?.() ?? tooLarge(this.options.maxBytes));
      return;
    }
    this.hash.update(chunk);
    if (before < HEAD_BYTES) chunk.copy(this.head, before);
    if (this.type || this.size < HEAD_BYTES) done(null, chunk);
    else void this.judge(false, (refusal) => done(refusal, chunk));
  }

  override _flush(done: TransformCallback): void {
    if (this.size === 0) done(new Problem('file_empty', 'The file is empty: it has no bytes at all.'));
    else if (this.type) done();
    else void this.judge(true, done);
  }

  private async judge(whole: boolean, done: (refusal: Error | null) => void): Promise<void> {
    done(await this.refusal(await detect(this.head.subarray(0, this.size), whole)));
  }

  private async refusal(type: MediaType): Promise<Error | null> {
    this.type = type;
    try {
      await this.options.accept?.(type);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error('The file was refused.', { cause: error });
    }
  }
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('file_too_large', `The file has more than ${maxBytes} bytes, the most that is accepted.`);
}
