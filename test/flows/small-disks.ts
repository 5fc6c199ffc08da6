import { execFile } from 'node:child_process';
import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../conditions.js';
import type { Platform } from '../platform.js';

const run = promisify(execFile);

/** A directory below DATA_DIR. */
type Place = 'storage' | 'work';

/** Whether file systems can be mounted here. Only root can; without it these tests are skipped. */
export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * For `startPlatform({ by })`: gives the process a small disk (tmpfs) of its own at that place, which goes with it. Nobody
 * else sees it, so look at it with the functions below.
 *
 * @param options of tmpfs(5): `size=4m`, `nr_inodes=64`
 */
export function onSmallDisk(place: Place, options: string): string[] {
  const path = `"$DATA_DIR/${place}"`;
  const mount = `mkdir -p -m 700 ${path} && mount -t tmpfs -o mode=700,${options} tmpfs ${path} && exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, 'sh'];
}

/** The files on it, whole or not, without the filler. A directory may go while it is looked through: then once more. */
export async function filesOn(platform: Platform, place: Place): Promise<string[]> {
  const look = () => readdir(pathOf(platform, place), { recursive: true, withFileTypes: true });
  const entries = await until(look, { describe: 'the disk can be looked through' });
  return entries.filter((entry) => entry.isFile() && entry.name !== FILLER).map(({ name }) => name);
}

/** Takes all room but so many bytes. */
export async function fill(platform: Platform, place: Place, bytesLeft: number): Promise<void> {
  const path = pathOf(platform, place);
  const { bavail, bsize } = await statfs(path);
  await writeFile(join(path, FILLER), Buffer.alloc(bavail * bsize - bytesLeft));
}

/** Takes every inode, so that there is room and no name for it. */
export async function fillInodes(platform: Platform, place: Place): Promise<void> {
  const path = pathOf(platform, place);
  const { ffree } = await statfs(path);
  for (let index = 0; index < ffree; index++) await writeFile(join(path, `${FILLER}-${index}`), '');
}

/** Gives it back. */
export async function makeRoom(platform: Platform, place: Place): Promise<void> {
  const path = pathOf(platform, place);
  for (const name of await readdir(path)) if (name.startsWith(FILLER)) await rm(join(path, name));
}

/** As a file system does that has met an error: what is there can be read, and nothing can be written. */
export async function remount(platform: Platform, place: Place, how: 'ro' | 'rw'): Promise<void> {
  const path = join(platform.dataDir, place);
  await run('nsenter', ['--target', String(platform.pid), '--mount', 'mount', '-o', `remount,${how}`, path]);
}

const FILLER = 'filler';

/** Seen from outside, by way of the process that has it. */
function pathOf({ pid, dataDir }: Platform, place: Place): string {
  return join('/proc', String(pid), 'root', dataDir, place);
}
