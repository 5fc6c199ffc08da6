import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';

/** npm's own: a package says nothing of when and where it was made. */
const MADE = new Date('1985-10-26T08:15:00Z');
/** In the head of gzip: the system on which it was made. 255: unknown. */
const SYSTEM = { at: 9, unknown: 255 } as const;

/** A file of a package: in the folder, or made while packing. */
export interface ArchiveFile {
  readonly path: string;
  readonly size: number;
  /** Instead of what lies in the folder. */
  readonly text?: string;
}

/** Writes a tarball as npm has them: `package/` before every path. The same files give the same bytes. */
export async function writeArchive(folder: string, files: readonly ArchiveFile[], path: string): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createGzip({ level: 9 }), createWriteStream(path, { flags: 'wx', mode: 0o644 }));
  try {
    for (const file of files) await add(archive, folder, file);
    archive.finalize();
  } catch (error) {
    archive.destroy();
    await written.catch(() => {});
    throw error;
  }
  await written;
  await forgetSystem(path);
}

async function add(archive: Pack, folder: string, { path, size, text }: ArchiveFile): Promise<void> {
  const header = { name: `package/${path}`, size, mode: 0o644, mtime: MADE };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const told = (error?: Error | null): void => (error ? reject(error) : resolve());
  if (text === undefined) await pipeline(createReadStream(join(folder, path)), archive.entry(header, told));
  else archive.entry(header, text, told);
  await promise;
}

async function forgetSystem(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.from([SYSTEM.unknown]), 0, 1, SYSTEM.at);
  } finally {
    await file.close();
  }
}
