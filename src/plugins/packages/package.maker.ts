import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Sandbox } from '../../sandbox/sandbox.js';
import { HOST_VERSION } from '../host.version.js';
import { isInRange } from '../host.range.js';
import { fileHash, filesIn } from '../plugin.files.js';
import { type Plugin, readPlugin } from '../plugin.loader.js';
import type { Manifest } from '../plugin.manifest.js';
import { writeArchive } from './package.archive.js';
import { contentsOf } from './package.contents.js';
import { LOCK_FILE, lockText, type PackageLock } from './package.lock.js';
import { PACKAGE_LIMITS } from './package.limits.js';
import { refusedPackage } from './package.refusal.js';

/** A package that was made. */
export interface MadePackage {
  /** Of the tarball. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly lock: PackageLock;
}

/** Makes packages of folders. The plugin's code runs in a child only, which sees no package but those of the plugin. */
@Injectable()
export class PackageMaker {
  constructor(private readonly sandbox: Sandbox) {}

  /**
   * @param folder of the plugin
   * @param directory where the tarball is to be; it is made when it is not there
   * @throws Problem `plugin_refused` with every reason; then nothing was made
   */
  async make(folder: string, directory: string): Promise<MadePackage> {
    const plugin = await pluginIn(folder);
    const contents = contentsOf(plugin.manifest, await filesIn(plugin.code.directory));
    const { tools, faults } = await this.sandbox.describe({ ...plugin.code, isAlone: true });
    const reasons = [
      ...contents.faults,
      ...hostFaults(plugin.manifest),
      ...faults.map(({ file, reason }) => (file === null ? reason : `${file}: ${reason}`)),
    ];
    if (reasons.length > 0) throw refusedPackage(reasons);
    const lock = await lockOf(plugin, contents.files, tools);
    await mkdir(directory, { recursive: true });
    const path = join(directory, archiveName(plugin.manifest));
    await rm(path, { force: true });
    const text = lockText(lock);
    const files = [...(await sized(plugin.code.directory, contents.files))];
    refuseLarge(files.reduce((sum, { size }) => sum + size, 0));
    await writeArchive(
      plugin.code.directory,
      [...files, { path: LOCK_FILE, size: Buffer.byteLength(text), text }].toSorted((one, other) =>
        one.path < other.path ? -1 : 1,
      ),
      path,
    );
    const { size: bytes } = await stat(path);
    return { path, bytes, sha256: await fileHash(path), lock };
  }
}

/** Why a plugin does not fit to this platform. */
export function hostFaults({ toolyard: { host } }: Manifest): string[] {
  if (host === undefined || isInRange(HOST_VERSION, host)) return [];
  return [`It is made for Toolyard ${host}, and this is ${HOST_VERSION}.`];
}

async function pluginIn(folder: string): Promise<Plugin> {
  try {
    return await readPlugin(await realpath(folder), folder);
  } catch (error) {
    throw refusedPackage([`${folder} ${error instanceof Error ? error.message : 'cannot be read'}.`], error);
  }
}

async function lockOf(plugin: Plugin, files: readonly string[], tools: PackageLock['tools']): Promise<PackageLock> {
  const hashes: Record<string, string> = {};
  for (const file of files) hashes[file] = await fileHash(join(plugin.code.directory, file));
  const { name, version, toolyard } = plugin.manifest;
  return { lock_version: 1, name, version, permissions: toolyard.permissions, tools, files: hashes };
}

async function sized(folder: string, files: readonly string[]) {
  return Promise.all(files.map(async (path) => ({ path, size: (await stat(join(folder, path))).size })));
}

function refuseLarge(bytes: number): void {
  if (bytes > PACKAGE_LIMITS.bytes) throw refusedPackage([`It has more than ${PACKAGE_LIMITS.bytes} bytes.`]);
}

/** As npm names it: `@toolyard/image` 1.2.3 is in toolyard-image-1.2.3.tgz. */
function archiveName({ name, version }: Manifest): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
}
