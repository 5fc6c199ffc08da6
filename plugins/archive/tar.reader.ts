import { once } from 'node:events';
import { extract, type Extract, type Header } from 'tar-stream';
import { bytesOf } from './bytes.ts';
import type { Entry, EntryKind } from './entry.ts';

const BLOCK_BYTES = 512;
/** Where a header has its checksum: eight bytes, which count as spaces in it. */
const CHECKSUM = { start: 148, end: 156 };

/** Also archives from before there was a standard. The library's types do not know of this one. */
const OPTIONS: object = { allowUnknownFormat: true };

const KINDS: Readonly<Record<string, EntryKind>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
  symlink: 'symbolic link',
  link: 'hard link',
  'character-device': 'device',
  'block-device': 'device',
  fifo: 'pipe',
};

/** Whether these bytes begin with the header of a tar archive, of whatever age. */
export function isTar(head: Buffer): boolean {
  const block = head.subarray(0, BLOCK_BYTES);
  if (block.length < BLOCK_BYTES || block[0] === 0) return false;
  const claimed = Number.parseInt(block.toString('latin1', CHECKSUM.start, CHECKSUM.end).replaceAll('\0', ' '), 8);
  const sum = block.reduce((sum, byte, at) => sum + (at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : byte), 0);
  return sum === claimed;
}

/** The entries of a tar archive. @param source its bytes, from the first. @throws what the source throws, or Error */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const archive = extract(OPTIONS);
  const feeding = feed(archive, source);
  feeding.catch(() => {});
  try {
    for await (const entry of archive) {
      yield told(entry.header, bytesOf(entry));
      // Whoever wanted none of its bytes: the next header comes after them.
      for await (const _ of bytesOf(entry)) continue;
    }
    if (!(await feeding)) throw new Error('The archive has no end.');
  } finally {
    archive.destroy();
  }
}

/** Gives the archive all bytes. Answers whether the last block was empty, as the last of every archive is. */
async function feed(archive: Extract, source: AsyncIterable<Buffer>): Promise<boolean> {
  const closed = once(archive, 'close');
  closed.catch(() => {});
  let end: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of source) {
      end = Buffer.concat([end.subarray(-BLOCK_BYTES), chunk.subarray(-BLOCK_BYTES)]).subarray(-BLOCK_BYTES);
      if (!archive.write(chunk)) await Promise.race([closed, once(archive, 'drain')]);
      if (archive.destroyed) return false;
    }
    archive.end(undefined);
  } catch (error) {
    archive.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
  return end.length === BLOCK_BYTES && end.every((byte) => byte === 0);
}

function told(header: Header, bytes: AsyncIterable<Buffer>): Entry {
  const { name, size, type } = header;
  const kind = (type && KINDS[type]) ?? 'special file';
  return {
    path: name,
    kind: kind === 'file' && isSparse(header) ? 'sparse file' : kind,
    size,
    encrypted: false,
    content: () => bytes,
  };
}

/** GNU tar keeps the holes of a file in a header of its own, and what stands where the file should is not the file. */
function isSparse({ pax }: Header): boolean {
  return Object.keys(Object(pax)).some((key) => key.startsWith('GNU.sparse'));
}
