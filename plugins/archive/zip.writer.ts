import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { ToolError } from 'toolyard/sdk';
import { type Block, BLOCK_BYTES, type Deflated, deflated, windowOf } from './deflate.ts';
import { MAX_ZIP_BYTES } from './limits.ts';
import { centralHeader, endOfDirectory, localHeader, METHODS, type ZippedFile } from './zip.format.ts';

/** A file that is to be packed, under a name that is good for an archive. */
export interface Packed {
  readonly path: string;
  readonly name: string;
}

/** What becomes of a file while it is packed. */
interface Growing extends ZippedFile {
  crc: number;
  size: number;
  packedSize: number;
  method: number;
}

/**
 * Writes a ZIP archive. All bytes are read and written at once, by this thread, which has nothing else to do; the others
 * compress. Whatever this costs in memory is some blocks, however large the files are.
 *
 * @param advance told how many bytes have been read
 */
export async function writeZip(
  path: string,
  files: readonly Packed[],
  level: number,
  signal: AbortSignal,
  advance: (bytes: number) => void,
): Promise<void> {
  const archive = openSync(path, 'wx', 0o600);
  try {
    const done: Growing[] = [];
    let end = 0;
    for await (const block of deflated(blocksOf(files), level)) {
      signal.throwIfAborted();
      end = put(archive, end, block);
      advance(block.owner.raw.length);
      if (block.isLast) done.push(block.owner.file);
    }
    const headers = done.map(centralHeader);
    const directory = Buffer.concat(headers);
    if (end + directory.length > MAX_ZIP_BYTES) throw tooLarge();
    writeAll(archive, Buffer.concat([directory, endOfDirectory(done.length, directory.length, end)]), end);
  } finally {
    closeSync(archive);
  }
}

interface Piece {
  readonly file: Growing;
  readonly raw: Buffer;
}

/** Where the archive ends then. */
function put(archive: number, end: number, { owner: { file, raw }, bytes, isLast }: Deflated<Piece>): number {
  if (file.packedSize === 0) file.offset = end;
  const isWhole = isLast && file.packedSize === 0;
  // What does not become smaller stays as it is. Of a file of several blocks the first ones are written by then.
  if (isWhole && bytes.length >= raw.length) file.method = METHODS.stored;
  const body = file.method === METHODS.stored ? raw : bytes;
  const start = file.packedSize === 0 ? end + localHeader(file).length : end;
  file.packedSize += body.length;
  if (start + body.length > MAX_ZIP_BYTES) throw tooLarge();
  if (isWhole) {
    writeAll(archive, Buffer.concat([localHeader(file), body]), end);
    return start + body.length;
  }
  writeAll(archive, body, start);
  // Sizes and checksum are known only now, so the header is written last, into the place that was left for it.
  if (isLast) writeAll(archive, localHeader(file), file.offset);
  return start + body.length;
}

function* blocksOf(files: readonly Packed[]): Generator<Block<Piece>> {
  for (const { path, name } of files) {
    const file: Growing = { name, offset: 0, crc: 0, size: 0, packedSize: 0, method: METHODS.deflated };
    const descriptor = openSync(path, 'r');
    try {
      yield* piecesOf(descriptor, file);
    } finally {
      closeSync(descriptor);
    }
  }
}

function* piecesOf(descriptor: number, file: Growing): Generator<Block<Piece>> {
  const total = fstatSync(descriptor).size;
  let before: Buffer = Buffer.alloc(0);
  do {
    const raw = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, total - file.size));
    const length = raw.length === 0 ? 0 : readSync(descriptor, raw);
    const bytes = raw.subarray(0, length);
    file.size += length;
    file.crc = crc32(bytes, file.crc);
    const isLast = file.size >= total || length === 0;
    yield { owner: { file, raw: bytes }, bytes, before, isLast };
    if (isLast) return;
    before = windowOf(bytes);
  } while (true);
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

export function tooLarge(): ToolError {
  return new ToolError('archive_too_large', 'The archive would be larger than 4 GiB.');
}
