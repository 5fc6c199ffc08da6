import { lstat, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { detect, HEAD_BYTES } from '../files/detection/detect.js';
import type { GivenFile } from '../sandbox/workspace.js';

/** Why a case cannot be run as it is written, in a sentence for its author. */
export class CaseFault extends Error {
  override readonly name = 'CaseFault';
}

/**
 * The absolute path of a fixture. A plugin may come from anywhere, so nothing is followed that leads out of its folder.
 *
 * @throws CaseFault
 */
export async function fixturePath(directory: string, name: string): Promise<string> {
  const root = join(directory, 'fixtures');
  const path = await realpath(join(root, name)).catch(() => undefined);
  if (path === undefined) throw new CaseFault(`There is no fixture called ${name}.`);
  if (path !== join(root, name) || !path.startsWith(root + sep) || !(await lstat(path)).isFile())
    throw new CaseFault(`The fixture ${name} is not a regular file in fixtures/.`);
  return path;
}

/** A file on the disk as an input of a run: its type is detected from its bytes, as it is for an upload. */
export async function given(path: string, name: string): Promise<GivenFile> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const { type } = await detect(buffer.subarray(0, bytesRead), bytesRead === size);
    return { file_id: path, name, type, size };
  } finally {
    await handle.close();
  }
}
