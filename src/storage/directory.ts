import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../errors/problem.js';

/** A UUID has this shape, and no path out of the directory has. */
const KEY = /^[0-9a-f-]{36}$/;

/** EROFS: a file system that has met an error often goes on read-only. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

/**
 * Where a key lies below the directory. Two levels of 256 directories, so that none grows huge. They come from the end
 * of the key, which is random; a UUIDv7 begins with the time, and all files of a month would fall into one directory.
 *
 * @throws TypeError when the key is no UUID
 */
export function pathOf(directory: string, key: string): string {
  if (!KEY.test(key)) throw new TypeError('A storage key must be a UUID.');
  return join(directory, key.slice(-2), key.slice(-4, -2), key);
}

/** Where the bytes are while they are still coming. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** The two levels. Node's own `recursive` says ENOENT, and not EROFS, where nothing can be written. */
export async function makeDirectories(path: string): Promise<void> {
  for (const directory of [dirname(path), path]) {
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  }
}

/** A full disk as Problem `storage_full`; every other fault as it is. */
export function inOurWords(error: unknown): unknown {
  if (!hasCode(error, ...NO_ROOM)) return error;
  return new Problem('storage_full', undefined, { cause: error });
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
