import { Transform, type TransformCallback } from 'node:stream';
import { Intake, type IntakeOptions, type Ingested } from './intake.js';

/**
 * An Intake that stands between two streams. Ends with Problem `file_too_large`, `file_empty`, or what `accept` throws.
 *
 * @example await pipeline(source, ingest, destination); const { size, sha256, type } = ingest.result();
 */
export class Ingest extends Transform {
  private readonly intake: Intake;
  private ingested: Ingested | undefined;

  constructor(options: IntakeOptions) {
    super();
    this.intake = new Intake(options);
  }

  /** What was learned; only after the end. */
  result(): Ingested {
    if (!this.ingested) throw new Error('The result of an ingest was asked for before its end.');
    return this.ingested;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    void this.pass(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    void this.conclude(done);
  }

  private async pass(chunk: Buffer, done: TransformCallback): Promise<void> {
    done(await faultOf(this.intake.add(chunk)), chunk);
  }

  private async conclude(done: TransformCallback): Promise<void> {
    done(await faultOf(this.learn()));
  }

  private async learn(): Promise<void> {
    this.ingested = await this.intake.result();
  }
}

async function faultOf(work: Promise<void>): Promise<Error | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error('The file was refused.', { cause: error });
  }
}
