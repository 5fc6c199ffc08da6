import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { LOCK_FILE, type PackageLock, packageLockSchema } from '../../plugins/packages/package.lock.js';
import { PackageReader } from '../../plugins/packages/package.reader.js';
import { fileHash } from '../../plugins/plugin.files.js';
import { type Plugin, readPlugin } from '../../plugins/plugin.loader.js';
import { Storage } from '../../storage/storage.js';
import type { PluginPackage } from './plugin-package.entity.js';

/** What nobody names any more is left alone for so long: another process may know of a newer row. */
const KEPT_MS = 3_600_000;
const DIGEST = /^[0-9a-f]{64}$/;

/** An installed plugin as it lies on this machine, with what its tools said of themselves when it was packed. */
export interface UnpackedPlugin {
  readonly plugin: Plugin;
  readonly lock: PackageLock;
}

/**
 * Installed plugins on this machine: each lies unpacked in a directory named by the hash of its content. What is missing
 * is fetched from the storage; what is not what was installed is never used.
 */
@Injectable()
export class Depot {
  private readonly logger = new Logger(Depot.name);
  private readonly root: string;
  /** By hash: what this process has looked at. */
  private readonly known = new Map<string, UnpackedPlugin>();

  constructor(
    config: Config,
    private readonly storage: Storage,
    private readonly reader: PackageReader,
  ) {
    this.root = join(config.DATA_DIR, 'plugins');
  }

  /** Rejects when its bytes cannot be had, or are not those that were installed. */
  async get(row: PluginPackage): Promise<UnpackedPlugin> {
    const known = this.known.get(row.hash) ?? (await this.read(row)) ?? (await this.fetch(row));
    this.known.set(row.hash, known);
    return known;
  }

  /** Removes what none of the rows names. */
  async tidy(rows: readonly PluginPackage[]): Promise<void> {
    const named = new Set(rows.map(({ hash }) => hash));
    for (const hash of this.known.keys()) if (!named.has(hash)) this.known.delete(hash);
    const entries = await readdir(this.root).catch(() => []);
    for (const name of entries.filter((entry) => DIGEST.test(entry) && !named.has(entry))) {
      const { mtimeMs } = await stat(join(this.root, name));
      if (Date.now() - mtimeMs > KEPT_MS) await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  /** What lies there, when it is whole. */
  private async read({ hash, name, version }: PluginPackage): Promise<UnpackedPlugin | undefined> {
    const directory = join(this.root, hash);
    try {
      const found = await readUnpacked(await realpath(directory));
      if (found.plugin.code.hash === hash) return found;
      this.logger.error({
        plugin: name,
        version,
        msg: 'An installed plugin was changed on this machine; it is unpacked anew.',
      });
    } catch {
      // It is not there, or not to be read: it is fetched.
    }
    await rm(directory, { recursive: true, force: true });
    return undefined;
  }

  private async fetch(row: PluginPackage): Promise<UnpackedPlugin> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    const tarball = join(await realpath(this.root), `${randomUUID()}.tgz`);
    const directory = join(await realpath(this.root), row.hash);
    try {
      await pipeline(await this.storage.read(row.id), createWriteStream(tarball, { flags: 'wx', mode: 0o600 }));
      if ((await fileHash(tarball)) !== row.sha256)
        throw new Error('The stored package is not the one that was installed.');
      await using opened = await this.reader.open(tarball);
      if (opened.plugin.code.hash !== row.hash)
        throw new Error('The package does not have the content that was installed.');
      await opened.moveTo(directory).catch(async (error: unknown) => {
        // Another process of this machine was faster, and has put the same there.
        if ((await stat(directory).catch(() => undefined)) === undefined) throw error;
      });
    } finally {
      await rm(tarball, { force: true });
    }
    const found = await readUnpacked(directory);
    if (found.plugin.code.hash !== row.hash)
      throw new Error('The unpacked package does not have the content that was installed.');
    return found;
  }
}

async function readUnpacked(directory: string): Promise<UnpackedPlugin> {
  const plugin = await readPlugin(directory, directory);
  const lock = packageLockSchema.parse(JSON.parse(await readFile(join(directory, LOCK_FILE), 'utf8')));
  return { plugin: { ...plugin, code: { ...plugin.code, isAlone: true } }, lock };
}
