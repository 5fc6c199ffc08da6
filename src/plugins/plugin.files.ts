import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Something that lies in the folder of a plugin. */
export interface PluginFile {
  /** In the folder, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'other';
}

/** All that lies in a folder, sorted, its packages included; folders themselves are nothing. */
export async function filesIn(folder: string): Promise<PluginFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({
      path: relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
      kind: entry.isFile() ? ('file' as const) : entry.isSymbolicLink() ? ('link' as const) : ('other' as const),
    }))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** Whether it is one of the plugin's packages, and not of its own files. */
export function isInPackage(path: string): boolean {
  return path.split('/').includes('node_modules');
}

/**
 * SHA-256 over the names and the bytes of all files, those of the packages included: the same plugin has the same hash
 * everywhere. Of a link, where it leads.
 */
export async function contentHash(folder: string, files: readonly PluginFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, kind } of files) {
    const bytes = kind === 'link' ? Buffer.from(`link ${await readlink(join(folder, path))}`) : undefined;
    const content = bytes ?? (kind === 'file' ? await readFile(join(folder, path)) : Buffer.from('other'));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * What stands for the packages of others that a plugin in this folder can import, those of the platform above all: what
 * npm wrote down of them when it installed them, with the hash of each. Nothing where npm did not install them.
 */
export async function packagesAbove(folder: string): Promise<string[]> {
  const notes = [];
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) notes.push(note(at));
  return (await Promise.all(notes)).filter((text) => text !== undefined);
}

const known = new Map<string, Promise<string | undefined>>();

/** Read once: whoever installs other packages starts anew. */
function note(directory: string): Promise<string | undefined> {
  const path = join(directory, 'node_modules/.package-lock.json');
  const found = known.get(path) ?? fileHash(path).catch(() => undefined);
  known.set(path, found);
  return found;
}

/** SHA-256, in hexadecimal. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
