import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { bytesOf } from './bytes.ts';
import type { Packed } from './zip.writer.ts';

const CHUNK_BYTES = 256 * 1024;

/** The same for all, so that equal files make equal archives. */
const ATTRIBUTES = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' } as const;

/** The bytes of a tar archive (POSIX). @param advance told how many bytes of files have been read */
export async function* tarred(
  files: readonly Packed[],
  signal: AbortSignal,
  advance: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const archive = pack();
  const filling = fill(archive, files, signal, advance);
  filling.catch((error: Error) => archive.destroy(error));
  yield* bytesOf(archive);
  await filling;
}

async function fill(
  archive: Pack,
  files: readonly Packed[],
  signal: AbortSignal,
  advance: (bytes: number) => void,
): Promise<void> {
  for (const { path, name } of files) {
    const { size } = await stat(path);
    const source = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
    source.on('data', (chunk) => advance(chunk.length));
    await pipeline(source, archive.entry({ ...ATTRIBUTES, name, size }), { signal });
  }
  archive.finalize();
}
