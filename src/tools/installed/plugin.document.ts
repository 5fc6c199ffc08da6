import { z } from 'zod';
import { permissionChanges } from '../../plugins/permission.changes.js';
import { permissionsSchema } from '../../plugins/plugin.manifest.js';
import { CONDITIONS } from './plugin-condition.entity.js';
import { PACKAGE_STATUSES, type PluginPackage } from './plugin-package.entity.js';

const words = z.array(z.string());

export const pluginVersionSchema = z
  .object({
    version: z.string(),
    status: z
      .enum(PACKAGE_STATUSES)
      .describe(
        'New tasks get the current one; one that waits was never enabled; tasks that have another one keep it.',
      ),
    hash: z.string().describe('SHA-256 of the content, as receipts have it.'),
    package_sha256: z.string(),
    package_bytes: z.int(),
    source: z.string().describe('Where it came from, in words.'),
    tools: words,
    permissions: permissionsSchema,
    permission_changes: z
      .object({ added: words, removed: words })
      .describe('Against the current version, in words such as `exec qpdf`; against nothing where there is none.'),
    cases: z
      .object({ passed: z.int(), failed: z.int(), skipped: z.int() })
      .nullable()
      .describe('How its own cases ended on this platform. Null: it was never enabled.'),
    installed_by: z.string().nullable().describe('Null: the command line.'),
    installed_at: z.iso.datetime(),
  })
  .meta({ id: 'PluginVersion' });

export const pluginSchema = z
  .object({
    name: z.string(),
    version: z.string().nullable().describe('The one that new tasks get.'),
    origin: z.enum(['found', 'installed']).describe('`found`: it came with Toolyard, or lies in PLUGINS_DIR.'),
    status: z.enum([...CONDITIONS, 'waiting']),
    reason: z.string().nullable().describe('Why it is quarantined.'),
    tools: words,
    versions: z.array(pluginVersionSchema).describe('Of an installed plugin, the newest first.'),
  })
  .meta({ id: 'Plugin' });

export type PluginDocument = z.output<typeof pluginSchema>;
export type PluginVersionDocument = z.output<typeof pluginVersionSchema>;

export function versionDocument(row: PluginPackage, current: PluginPackage | undefined): PluginVersionDocument {
  const changes = permissionChanges(current?.permissions, row.permissions);
  return {
    version: row.version,
    status: row.status,
    hash: row.hash,
    package_sha256: row.sha256,
    package_bytes: row.size,
    source: row.source,
    tools: [...row.tools],
    permissions: permissionsSchema.parse(row.permissions),
    permission_changes: { added: [...changes.added], removed: [...changes.removed] },
    cases: row.cases ?? null,
    installed_by: row.installedBy ?? null,
    installed_at: row.installedAt.toISOString(),
  };
}
