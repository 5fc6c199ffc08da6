import { type FileHandle, open, rename, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { writeChunks } from './chunks.js';
import { hasCode, inOurWords, makeDirectories, partOf, pathOf } from './directory.js';
import { Drafts } from './drafts.js';
import { KeyNotFound } from './storage.js';

const BUFFER_BYTES = 1024 * 1024;

/** Drafts beside the files that LocalStorage keeps, so that a finished one only changes its name. */
export class LocalDrafts extends Drafts {
  /** @param directory that of the LocalStorage */
  constructor(private readonly directory: string) {
    super();
  }

  override async append(key: string, source: AsyncIterable<Buffer>): Promise<void> {
    try {
      const draft = await openToAppend(partOf(this.pathOf(key)));
      try {
        // A stream of Node would throw away what it has when the source fails.
        await writeChunks(draft, source);
      } finally {
        await keepWhatCame(draft);
      }
    } catch (error) {
      throw inOurWords(error);
    }
  }

  override async size(key: string): Promise<number> {
    const path = this.pathOf(key);
    return (await sizeOf(partOf(path))) ?? (await sizeOf(path)) ?? 0;
  }

  override async read(key: string, bytes = Infinity): Promise<Readable> {
    const path = this.pathOf(key);
    const file = (await openIfThere(partOf(path))) ?? (await openIfThere(path));
    if (!file) throw new KeyNotFound(key);
    return file.createReadStream({ highWaterMark: BUFFER_BYTES, ...(bytes < Infinity && { end: bytes - 1 }) });
  }

  override async cut(key: string, bytes: number): Promise<void> {
    const draft = partOf(this.pathOf(key));
    if (((await sizeOf(draft)) ?? 0) > bytes) await truncate(draft, bytes);
  }

  override async keep(key: string): Promise<void> {
    const path = this.pathOf(key);
    await rename(partOf(path), path).catch(async (error: unknown) => {
      if (!hasCode(error, 'ENOENT') || (await sizeOf(path)) === undefined) throw inOurWords(error);
    });
  }

  private pathOf(key: string): string {
    return pathOf(this.directory, key);
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  const attempt = () => open(path, 'a', 0o600);
  try {
    return await attempt();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeDirectories(dirname(path));
    return attempt();
  }
}

/** What a client is told to be here must be here after a power failure. */
async function keepWhatCame(draft: FileHandle): Promise<void> {
  try {
    await draft.sync();
  } finally {
    await draft.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
