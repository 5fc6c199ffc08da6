import { copyFile, mkdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { builtDirectory } from '../../sandbox/host.paths.js';
import type { ChildLimits } from '../../sandbox/limits.js';
import type { Outcome } from '../../sandbox/outcome.js';
import type { PluginCode } from '../../sandbox/plugin.code.js';
import { Sandbox } from '../../sandbox/sandbox.js';
import { fileHash, filesIn } from '../plugin.files.js';
import { type Plugin, readPlugin } from '../plugin.loader.js';
import { permissionsSchema } from '../plugin.manifest.js';
import { scriptFaults } from './package.contents.js';
import { LOCK_FILE, type PackageLock, packageLockSchema } from './package.lock.js';
import { PACKAGE_LIMITS } from './package.limits.js';
import { refusedPackage } from './package.refusal.js';

const { packedBytes, ...LIMITS } = PACKAGE_LIMITS;
const UNPACK_MS = 60_000;
const CHILD: ChildLimits = { memoryMb: 256, cpuMs: UNPACK_MS, workspaceBytes: 2 * LIMITS.bytes };
const MOST_LOCK_BYTES = 4 * 1024 ** 2;

/** A package that was unpacked and fits to what it says of itself. None of its code has run. */
export interface OpenPackage extends AsyncDisposable {
  readonly plugin: Plugin;
  readonly lock: PackageLock;
  /** Moves it to a place where it stays. It must not exist. */
  moveTo(directory: string): Promise<void>;
}

/**
 * Reads tarballs of packages. They come from strangers, so they are unpacked by a child that sees nothing else; what came
 * out is compared with the hashes that the package itself names.
 */
@Injectable()
export class PackageReader {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly config: Config,
  ) {}

  /** @param tarball path of a file. @throws Problem `plugin_refused` with every reason */
  async open(tarball: string): Promise<OpenPackage> {
    const { size } = await stat(tarball);
    if (size > packedBytes) throw refusedPackage([`The package has more than ${packedBytes} bytes.`]);
    const drafts = join(this.config.DATA_DIR, 'plugins', 'drafts');
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    const directory = join(await realpath(drafts), randomUUID());
    const remove = () => rm(directory, { recursive: true, force: true });
    try {
      await this.unpack(tarball, size, directory);
      const { plugin, lock } = await checked(directory);
      const moveTo = (target: string) => rename(directory, target);
      return { plugin, lock, moveTo, [Symbol.asyncDispose]: remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  private async unpack(tarball: string, size: number, directory: string): Promise<void> {
    const slot = await this.sandbox.acquire(unpacking(), CHILD);
    const path = join(slot.directory, 'in', 'package.tgz');
    try {
      await copyFile(tarball, path);
      const input = { path, name: 'package.tgz', type: 'application/gzip', size };
      const request = { tool: 'unpack.tool.js', inputs: [input], options: LIMITS, workspace: slot.workspace };
      const signal = new AbortController().signal;
      const outcome = await slot.run(request, { totalMs: UNPACK_MS, idleMs: UNPACK_MS, signal });
      // From here on nobody can change what it has written.
      await slot.end();
      if (outcome.type !== 'done') throw refusedPackage([reasonOf(outcome)]);
      await rename(join(slot.workspace, 'package'), directory);
    } finally {
      await slot.end();
      slot.release();
    }
  }
}

function unpacking(): PluginCode {
  const directory = builtDirectory('plugins/unpacking');
  const permissions = permissionsSchema.parse({});
  return { name: 'toolyard-unpacking', hash: 'own', directory, tools: ['unpack.tool.js'], permissions };
}

function reasonOf(outcome: Exclude<Outcome, { type: 'done' }>): string {
  if (outcome.type === 'tool_error') return outcome.message;
  if (outcome.type === 'exceeded') return 'It is too large when it is unpacked.';
  return 'It cannot be unpacked.';
}

async function checked(directory: string): Promise<{ plugin: Plugin; lock: PackageLock }> {
  const lock = await readLock(directory);
  const plugin = await pluginIn(directory);
  const files = await filesIn(directory);
  const faults = [
    ...(await differences(
      directory,
      files.map(({ path }) => path),
      lock,
    )),
  ];
  const { name, version, manifest } = { ...plugin.manifest, manifest: plugin.manifest };
  if (name !== lock.name || version !== lock.version) faults.push(`Its ${LOCK_FILE} is that of another package.`);
  if (JSON.stringify(manifest.toolyard.permissions) !== JSON.stringify(lock.permissions))
    faults.push(`Its ${LOCK_FILE} names other permissions than its package.json.`);
  faults.push(...scriptFaults(manifest, files));
  if (faults.length > 0) throw refusedPackage(faults);
  return { plugin, lock };
}

async function readLock(directory: string): Promise<PackageLock> {
  const path = join(directory, LOCK_FILE);
  const { size } = await stat(path).catch(() => ({ size: undefined }));
  if (size === undefined)
    throw refusedPackage([`It has no ${LOCK_FILE}: packages are made by \`toolyard plugin pack\`.`]);
  if (size > MOST_LOCK_BYTES) throw refusedPackage([`Its ${LOCK_FILE} is too large.`]);
  try {
    return packageLockSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw refusedPackage([`Its ${LOCK_FILE} cannot be read.`], cause);
  }
}

async function pluginIn(directory: string): Promise<Plugin> {
  try {
    return await readPlugin(directory, 'The package');
  } catch (cause) {
    throw refusedPackage([`The package ${cause instanceof Error ? cause.message : 'cannot be read'}.`], cause);
  }
}

async function differences(directory: string, files: readonly string[], lock: PackageLock): Promise<string[]> {
  const faults: string[] = [];
  const named = new Map(Object.entries(lock.files));
  for (const file of files) {
    if (file === LOCK_FILE) continue;
    const expected = named.get(file);
    named.delete(file);
    if (expected === undefined) faults.push(`${file} is not named in its ${LOCK_FILE}.`);
    else if (expected !== (await fileHash(join(directory, file)))) faults.push(`${file} is not what was packed.`);
  }
  return [...faults, ...[...named.keys()].map((file) => `${file} is missing.`)];
}
