import { open, type FileHandle } from 'node:fs/promises';

const BUFFER_BYTES = 1_000_000;

/** A file that is written in large pieces. Made when the first bytes come. */
export class BufferedFile {
  readonly path: string;
  /** Bytes so far. */
  length = 0;
  private parts: Buffer[] = [];
  private waiting = 0;
  private file: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The bytes are kept until the next flush: they must be the caller's to give. */
  add(bytes: Buffer): void {
    this.parts.push(bytes);
    this.waiting += bytes.length;
    this.length += bytes.length;
  }

  /** Writes when it is worth it. */
  async settle(): Promise<void> {
    if (this.waiting > BUFFER_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    this.file ??= await open(this.path, 'w');
    const { parts } = this;
    this.parts = [];
    this.waiting = 0;
    for (const part of parts) await writeAll(this.file, part);
  }

  async close(): Promise<void> {
    if (this.waiting > 0) await this.flush();
    await this.file?.close();
    this.file = undefined;
  }

  /** After a failure: what waits is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}
