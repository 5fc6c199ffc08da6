import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Watching as the system offers it is told of neither network disks nor of what editors put in a file's place. */
const LOOK_MS = 100;
const SKIPPED = new Set(['node_modules', '.git']);

/**
 * Calls back each time that a file in the folder was saved, added or removed, from the moment of the call on. Resolves
 * with how to stop.
 */
export async function followFolder(folder: string, changed: () => void): Promise<() => void> {
  let known = await fingerprint(folder);
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    const now = await fingerprint(folder).catch(() => known);
    if (now !== known) changed();
    known = now;
    isLooking = false;
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}

/** Names, sizes and times of all files but those of packages. */
async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const enter = async (directory: string): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (SKIPPED.has(entry.name)) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await enter(path);
      else hash.update(await signOf(path));
    }
  };
  await enter(folder);
  return hash.digest('hex');
}

async function signOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return `${path}\0${found?.size}\0${found?.mtimeMs}\0`;
}
