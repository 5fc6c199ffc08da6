import type { FileHandle } from 'node:fs/promises';

/** Writes chunk by chunk to where the file stands, each before the next is asked for. */
export async function writeChunks(file: FileHandle, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) await writeAll(file, chunk);
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
}
