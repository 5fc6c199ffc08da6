import { randomUUIDv7 } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import type { NewAuditEvent } from '../../auth/audit/audit.event.js';
import { AuditLog } from '../../auth/audit/audit.log.js';
import { Problem } from '../../errors/problem.js';
import { PackageReader } from '../../plugins/packages/package.reader.js';
import { permissionWords } from '../../plugins/permission.changes.js';
import { fileHash } from '../../plugins/plugin.files.js';
import { Storage } from '../../storage/storage.js';
import { pluginsChanged } from './installed.channels.js';
import { PackageStore } from './package.store.js';
import { PackageTrial } from './package.trial.js';
import type { PluginPackage } from './plugin-package.entity.js';
import { PluginNeeds } from './plugin.needs.js';

/** Who does something, and from where; as an audit event has it. */
export type Doer = Pick<NewAuditEvent, 'actorId' | 'address' | 'requestId'>;

/** Brings packages into the house and takes them out of it. Nothing of them is used before somebody enables it. */
@Injectable()
export class PluginAdmin {
  constructor(
    private readonly packages: PackageStore,
    private readonly storage: Storage,
    private readonly reader: PackageReader,
    private readonly trial: PackageTrial,
    private readonly needs: PluginNeeds,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Keeps a package, which then waits to be enabled.
   *
   * @param tarball path of a file that nobody else writes to
   * @param source where it came from, in words
   * @throws Problem `plugin_refused` with every reason, or `plugin_exists`
   */
  async install(tarball: string, source: string, doer: Doer): Promise<PluginPackage> {
    await using opened = await this.reader.open(tarball);
    const { plugin, lock } = opened;
    const { name, hash } = plugin.code;
    if (await this.packages.find(name, plugin.version)) throw exists(name, plugin.version);
    await this.trial.fit(opened);
    const now = this.packages.now();
    const row: PluginPackage = {
      id: randomUUIDv7(),
      name,
      version: plugin.version,
      hash,
      sha256: await fileHash(tarball),
      size: (await stat(tarball)).size,
      source: source.slice(0, 500),
      status: 'waiting',
      permissions: lock.permissions,
      tools: lock.tools.map((tool) => tool.name),
      cases: null,
      installedBy: doer.actorId ?? null,
      installedAt: now,
      changedAt: now,
    };
    await this.keep(row, tarball);
    await this.audit.record({ action: 'plugin_install', object: objectOf(row), ...doer, details: detailsOf(row) });
    pluginsChanged.publish({ plugin: name });
    return row;
  }

  /**
   * Takes versions out of the house. They must not be needed any more.
   *
   * @param version default: all of them
   * @throws Problem `plugin_not_found`, or `plugin_in_use` with how many tasks still need it
   */
  async remove(name: string, version: string | undefined, doer: Doer): Promise<void> {
    const rows = (await this.packages.list(name)).filter((row) => version === undefined || row.version === version);
    if (rows.length === 0) throw notFound(name, version);
    for (const row of rows) await this.refuseNeeded(row);
    for (const row of rows) {
      if (!(await this.packages.remove(row.id))) continue;
      await this.storage.remove(row.id);
      await this.audit.record({ action: 'plugin_remove', object: objectOf(row), ...doer, details: detailsOf(row) });
    }
    pluginsChanged.publish({ plugin: name });
  }

  private async keep(row: PluginPackage, tarball: string): Promise<void> {
    await this.storage.write(row.id, createReadStream(tarball));
    try {
      if (!(await this.packages.insert(row))) throw exists(row.name, row.version);
    } catch (error) {
      await this.storage.remove(row.id);
      throw error;
    }
  }

  private async refuseNeeded({ name, version, tools }: PluginPackage): Promise<void> {
    const unfinished = await this.needs.unfinished(tools, version);
    if (unfinished === 0) return;
    throw new Problem(
      'plugin_in_use',
      `${unfinished} tasks that wait or run were created with ${name}@${version}. Wait for them, or cancel them.`,
    );
  }
}

export function notFound(name: string, version?: string): Problem {
  const what = version === undefined ? name : `${name}@${version}`;
  return new Problem('plugin_not_found', `No plugin ${what} is installed.`);
}

export function objectOf({ name }: Pick<PluginPackage, 'name'>): string {
  return `plugin:${name}`;
}

export function detailsOf({ version, hash, source, permissions }: PluginPackage) {
  return { version, hash, source, permissions: permissionWords(permissions).join(', ') };
}

function exists(name: string, version: string): Problem {
  return new Problem(
    'plugin_exists',
    `${name}@${version} is installed already. Remove it first, or install another version.`,
  );
}
