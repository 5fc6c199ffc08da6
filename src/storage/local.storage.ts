import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeChunks } from './chunks.js';
import { hasCode, inOurWords, makeDirectories, partOf, pathOf } from './directory.js';
import { type ByteRange, KeyNotFound, Storage } from './storage.js';

/** Chunks that wait are written together: with 1 MiB of them a write is twice as fast as with Node's 64 KiB. */
const WRITE_BUFFER_BYTES = 1024 * 1024;
const READ_BUFFER_BYTES = 256 * 1024;

/** Another file system, too many names for one file, or a file system without hard links. */
const NO_HARD_LINK = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'ENOSYS']);

/** Keeps bytes as files (mode 0600) below one directory (mode 0700). */
export class LocalStorage extends Storage {
  /** @param directory Absolute path of a directory that exists and that nobody else writes to. */
  constructor(private readonly directory: string) {
    super();
  }

  override async write(key: string, source: Readable, signal?: AbortSignal): Promise<void> {
    // The source may fail before `pipeline` listens. `pipeline` then finds the failure by itself.
    source.on('error', ignore);
    try {
      await this.make(key, (file) => fill(file, source, signal));
    } catch (error) {
      source.destroy();
      throw error;
    }
  }

  override pour(key: string, source: AsyncIterable<Buffer>): Promise<void> {
    return this.make(key, (file) => pourInto(file, source));
  }

  override async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.pathOf(key)).catch((error: unknown) => {
      throw hasCode(error, 'ENOENT') ? new KeyNotFound(key) : error;
    });
    return file.createReadStream({ ...range, highWaterMark: READ_BUFFER_BYTES });
  }

  override async link(key: string, path: string, shared: boolean): Promise<void> {
    const stored = this.pathOf(key);
    try {
      if (shared && (await hardLink(stored, path))) return;
      await copy(stored, path);
    } catch (error) {
      // The directory of `path` may be what is missing.
      if (hasCode(error, 'ENOENT') && (await this.stat(key)) === undefined) throw new KeyNotFound(key);
      throw inOurWords(error);
    }
  }

  override async remove(key: string): Promise<void> {
    const path = this.pathOf(key);
    await Promise.all([rm(path, { force: true }), rm(partOf(path), { force: true })]);
  }

  override async stat(key: string): Promise<{ readonly size: number } | undefined> {
    try {
      const { size } = await stat(this.pathOf(key));
      return { size };
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  override async check(): Promise<void> {
    const probe = join(this.directory, `probe-${randomUUID()}`);
    try {
      await writeFile(probe, 'probe', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      throw inOurWords(error);
    } finally {
      await rm(probe, { force: true });
    }
  }

  /** @param write writes the bytes to the disk, and closes the file */
  private async make(key: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    try {
      const path = this.pathOf(key);
      const part = partOf(path);
      const file = await create(part);
      await write(file)
        .then(() => rename(part, path))
        .catch((error: unknown) => removeAndThrow(part, error));
    } catch (error) {
      throw inOurWords(error);
    }
  }

  private pathOf(key: string): string {
    return pathOf(this.directory, key);
  }
}

/** Opens a new file. One that an earlier process left behind unfinished gives way. */
async function create(path: string): Promise<FileHandle> {
  const attempt = () => open(path, 'wx', 0o600);
  try {
    return await attempt();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) await makeDirectories(dirname(path));
    else if (hasCode(error, 'EEXIST')) await rm(path);
    else throw error;
    return attempt();
  }
}

/**
 * Writes the source to the end and closes the file. `flush` is fsync: without it, a power failure can leave a file of
 * the right name with empty pages in it, since names and bytes reach the disk in any order.
 */
function fill(file: FileHandle, source: Readable, signal: AbortSignal | undefined): Promise<void> {
  const sink = file.createWriteStream({ highWaterMark: WRITE_BUFFER_BYTES, flush: true });
  return pipeline(source, sink, { signal });
}

async function pourInto(file: FileHandle, source: AsyncIterable<Buffer>): Promise<void> {
  try {
    await writeChunks(file, source);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeAndThrow(path: string, error: unknown): Promise<never> {
  await rm(path, { force: true });
  throw error;
}

/** Answers false where only a copy is possible. */
async function hardLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, ...NO_HARD_LINK)) return false;
    throw error;
  }
}

/** Copies with the mode of the original; shares the blocks where the file system can. A link at `to` is not followed. */
async function copy(from: string, to: string): Promise<void> {
  const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
  await copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE).catch((error: unknown) =>
    hasCode(error, 'EEXIST') ? Promise.reject(error) : removeAndThrow(to, error),
  );
}

function ignore(): void {}
