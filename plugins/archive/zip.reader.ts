import { crc32 } from 'node:zlib';
import { ToolError } from 'toolyard/sdk';
import { getFileNameLowLevel, openPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl';
import type { Entry, EntryKind, Reading } from './entry.ts';
import { encrypted, quoted } from './faults.ts';
import { MAX_DIRECTORY_BYTES, MAX_ENTRIES } from './limits.ts';

/** Of a local header, without the name in it, which may be another one. */
const LOCAL_HEADER_BYTES = 30;

/** Kinds of files by the upper bits of their mode, where Unix made the archive; zero is said by all others. */
const KINDS: Readonly<Record<number, EntryKind>> = {
  0o000000: 'file',
  0o100000: 'file',
  0o040000: 'folder',
  0o120000: 'symbolic link',
  0o020000: 'device',
  0o060000: 'device',
  0o010000: 'pipe',
};

/** The entries of a ZIP archive, by its central directory. @throws ToolError, or whatever yauzl says of a damaged one */
export async function* readZip(path: string, reading: Reading): AsyncGenerator<Entry> {
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: true });
  // What it says after it was read to its end is heard by nobody, but must not end the process.
  zip.on('error', () => {});
  try {
    const entries = await listEntries(zip, reading.signal);
    refuseOverlaps(entries);
    for (const entry of entries) {
      yield told(zip, entry, reading);
      reading.onRead(entry.compressedSize);
    }
  } finally {
    zip.close();
  }
}

async function listEntries(zip: ZipFile, signal: AbortSignal): Promise<ZipEntry[]> {
  if (zip.entryCount > MAX_ENTRIES) throw tooManyEntries();
  const entries: ZipEntry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    bytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (bytes > MAX_DIRECTORY_BYTES) throw new Error('The central directory is too large.');
    entries.push(entry);
  }
  return entries;
}

export function tooManyEntries(): ToolError {
  return new ToolError('too_many_entries', `The archive has more than ${MAX_ENTRIES} entries.`);
}

/** Entries that share their bytes make a small archive endless. */
function refuseOverlaps(entries: readonly ZipEntry[]): void {
  const inOrder = entries.toSorted((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const { relativeOffsetOfLocalHeader: start, fileNameLength, compressedSize } of inOrder) {
    if (start < end) throw new ToolError('entries_overlap', 'Entries of the archive lie one upon the other.');
    end = start + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
  }
}

function told(zip: ZipFile, entry: ZipEntry, reading: Reading): Entry {
  // As strict as possible: otherwise backslashes would be made slashes before anybody saw them.
  const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  const kind = KINDS[(entry.externalFileAttributes >>> 16) & 0o170000] ?? 'special file';
  return {
    path,
    kind: kind === 'file' && path.endsWith('/') ? 'folder' : kind,
    size: entry.uncompressedSize,
    encrypted: entry.isEncrypted(),
    content: () => content(zip, entry, path, reading),
  };
}

async function* content(zip: ZipFile, entry: ZipEntry, path: string, { onUnpacked }: Reading): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw encrypted();
  if (!entry.canDecodeFileData()) {
    throw new ToolError(
      'compression_unsupported',
      `The entry ${quoted(path)} is compressed by a method that is not known.`,
    );
  }
  const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
  let sum = 0;
  for await (const chunk of stream) {
    sum = crc32(chunk, sum);
    onUnpacked(chunk.length);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`The checksum of an entry is ${sum}, and not ${entry.crc32}.`);
}
