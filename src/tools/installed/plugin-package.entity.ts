import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Permissions } from '../../plugins/plugin.manifest.js';

/**
 * `waiting`: nobody has approved it yet. `current`: new tasks get it. `superseded`: there is a newer one, or an older one
 * again; tasks that were created with it still run with it.
 */
export const PACKAGE_STATUSES = ['waiting', 'current', 'superseded'] as const;

/** How the plugin's own cases ended on this platform. */
export interface CasesResult {
  readonly passed: number;
  readonly failed: number;
  /** For want of a program. */
  readonly skipped: number;
}

/** One version of an installed plugin. The bytes of the package are in the storage, under the row's id. */
export const PluginPackage = defineEntity({
  name: 'PluginPackage',
  tableName: 'plugin_package',
  properties: {
    id: p.uuid().primary(),
    name: p.string(),
    version: p.string(),
    /** Of the unpacked content. */
    hash: p.string(),
    /** Of the tarball, and its bytes. */
    sha256: p.string(),
    size: p.bigint('number'),
    /** Where it came from, in words: the name of a file, a folder, or a package with the hash that its registry gave. */
    source: p.string(),
    status: p.enum(PACKAGE_STATUSES),
    permissions: p.json<Permissions>(),
    /** The names of its tools. */
    tools: p.json<string[]>(),
    /** Empty until it was enabled. */
    cases: p.json<CasesResult>().nullable(),
    installedBy: p.string().nullable(),
    installedAt: p.datetime(),
    changedAt: p.datetime(),
  },
});

export type PluginPackage = InferEntity<typeof PluginPackage>;
