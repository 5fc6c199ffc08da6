import { open } from 'node:fs/promises';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { type Compression, rawBytes, unpackedBytes } from './compressed.ts';
import type { Entry, Reading } from './entry.ts';
import { isTar, readTar } from './tar.reader.ts';
import { readZip } from './zip.reader.ts';

export type Format = 'zip' | 'tar' | 'tar.gz' | 'tar.zst' | 'gz' | 'zst';

/** Enough for the first header of a tar archive. */
const HEAD_BYTES = 512;

const SIGNATURES = { zip: ['504b0304', '504b0506'], gz: ['1f8b08'], zst: ['28b52ffd'] };

/** What can be unpacked, as the platform detects it; some formats of documents are ZIP archives. */
export const ARCHIVE_TYPES = [
  'application/zip',
  'application/x-tar',
  'application/gzip',
  'application/zstd',
  'application/java-archive',
  'application/epub+zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
];

export interface Archive {
  readonly format: Format;
  readonly entries: AsyncIterable<Entry>;
}

/** An archive by what its bytes say. @throws ToolError `archive_unknown` when they say nothing */
export async function openArchive({ path, name }: InputFile, reading: Reading): Promise<Archive> {
  const head = await headOf(path);
  const signature = head.toString('hex', 0, 4);
  if (SIGNATURES.zip.includes(signature)) return { format: 'zip', entries: readZip(path, reading) };
  if (isTar(head)) return { format: 'tar', entries: readTar(rawBytes(path, reading)) };
  const compression = SIGNATURES.gz.some((start) => signature.startsWith(start)) ? 'gz' : 'zst';
  if (compression === 'zst' && !SIGNATURES.zst.includes(signature)) throw unknown();
  return openCompressed(path, name, compression, reading);
}

async function openCompressed(
  path: string,
  name: string,
  compression: Compression,
  reading: Reading,
): Promise<Archive> {
  const source = unpackedBytes(path, compression, reading);
  const first = await beginning(source);
  const bytes = joined(first, source);
  if (isTar(Buffer.concat(first))) return { format: `tar.${compression}`, entries: readTar(bytes) };
  return { format: compression, entries: single(bytes, name, compression) };
}

/** What is compressed alone is named like the archive, without its last extension. */
async function* single(bytes: AsyncIterable<Buffer>, name: string, compression: Compression): AsyncGenerator<Entry> {
  const ending = `.${compression}`;
  const path = name.toLowerCase().endsWith(ending) ? name.slice(0, -ending.length) : `${name}.unpacked`;
  const inside = path.replaceAll(/[/\\\p{Cc}]/gu, '_').replace(/^[A-Za-z]:|^\.{0,2}$/, '_');
  yield { path: inside, kind: 'file', size: null, encrypted: false, content: () => bytes };
}

async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

async function beginning(source: AsyncIterator<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for (let bytes = 0; bytes < HEAD_BYTES;) {
    const { value, done } = await source.next();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
  }
  return chunks;
}

async function* joined(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

function unknown(): ToolError {
  return new ToolError('archive_unknown', 'The file is not a ZIP, tar, gzip or Zstandard archive.');
}
