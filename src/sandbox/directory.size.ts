import { type Dir, type Dirent, lstatSync, opendirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes as the file system counts them. */
const BLOCK_BYTES = 512;

export interface DirectorySize {
  /** On the disk: the holes of a sparse file are none. */
  readonly bytes: number;
  /** Files and directories below it. */
  readonly entries: number;
}

/**
 * Adds up what a directory holds, as far as it can be read while somebody writes to it. After each step it yields the
 * sum so far, so that the caller decides how long it may take: whoever waits for a disk here keeps everybody waiting.
 * Names are counted before their files are looked at.
 */
export function* measureDirectory(directory: string): Generator<DirectorySize, void> {
  let bytes = 0;
  let entries = 0;
  const directories = [directory];
  const files: string[] = [];
  while (directories.length > 0 || files.length > 0) {
    for (const entry of list(directories.pop())) {
      (entry.isDirectory() ? directories : files).push(join(entry.parentPath, entry.name));
      entries += 1;
      yield { bytes, entries };
    }
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      bytes += sizeOf(file);
      yield { bytes, entries };
    }
  }
  yield { bytes, entries };
}

function* list(directory: string | undefined): Generator<Dirent, void> {
  const open = directory === undefined ? undefined : opened(directory);
  try {
    for (let entry = open?.readSync(); entry; entry = open?.readSync()) yield entry;
  } finally {
    open?.closeSync();
  }
}

/** Undefined when it was removed meanwhile. */
function opened(directory: string): Dir | undefined {
  try {
    return opendirSync(directory);
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number {
  return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES;
}
