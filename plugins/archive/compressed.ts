import { createReadStream } from 'node:fs';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Reading } from './entry.ts';

const CHUNK_BYTES = 256 * 1024;

/** What a stream of bytes can be packed in. */
export type Compression = 'gz' | 'zst';

/** The bytes of a file as they are. */
export async function* rawBytes(path: string, { signal, onRead, onUnpacked }: Reading): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  for await (const chunk of chunks) {
    onRead(chunk.length);
    onUnpacked(chunk.length);
    yield chunk;
  }
}

/** The bytes that a file unpacks to. @throws Error of zlib when it is damaged or ends too early */
export async function* unpackedBytes(
  path: string,
  compression: Compression,
  { signal, onRead, onUnpacked }: Reading,
): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  packed.on('data', (chunk) => onRead(chunk.length));
  const unpacked: AsyncIterable<Buffer> = pipeline(packed, decompressor(compression), () => {});
  for await (const chunk of unpacked) {
    onUnpacked(chunk.length);
    yield chunk;
  }
}

function decompressor(compression: Compression): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  return compression === 'gz' ? createGunzip(options) : createZstdDecompress(options);
}
