import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../auth/audit/audit.log.js';
import { Problem } from '../../errors/problem.js';
import { permissionWords, samePermissions } from '../../plugins/permission.changes.js';
import type { Permissions } from '../../plugins/plugin.manifest.js';
import { ToolRegistry } from '../tool.registry.js';
import { ConditionStore } from './condition.store.js';
import { Depot } from './depot.js';
import { pluginsChanged } from './installed.channels.js';
import { PackageStore } from './package.store.js';
import { PackageTrial } from './package.trial.js';
import { type Doer, detailsOf, notFound } from './plugin.admin.js';
import type { PluginPackage } from './plugin-package.entity.js';

/** What somebody wants to be used. */
export interface Wanted {
  /** Default: the one that waits, or else the one that is in use. */
  readonly version?: string | undefined;
  /** The permissions that were looked at and found good; must be exactly those of the package. */
  readonly approve?: Permissions | undefined;
  /** Whether its tools may have no cases. */
  readonly untested?: boolean | undefined;
}

/** Says which plugins are used, and which version of them. */
@Injectable()
export class PluginSwitch {
  constructor(
    private readonly packages: PackageStore,
    private readonly conditions: ConditionStore,
    private readonly depot: Depot,
    private readonly trial: PackageTrial,
    private readonly registry: ToolRegistry,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Lets a plugin be used, also one that is quarantined or came with Toolyard. A version that is used for the first time
   * must have its permissions approved and pass its own cases here. Tasks that wait keep the version they have.
   *
   * @throws Problem `plugin_not_found`, `permissions_not_approved`, `plugin_refused`, `plugin_failed_cases` or
   *   `plugin_untested`
   */
  async enable(name: string, wanted: Wanted, doer: Doer): Promise<void> {
    const { version, untested = false } = wanted;
    const rows = await this.packages.list(name);
    if (rows.length === 0 && (version !== undefined || !this.isFound(name))) throw notFound(name, version);
    const row = version === undefined ? usual(rows) : rows.find((row) => row.version === version);
    if (rows.length > 0 && !row) throw notFound(name, version);
    if (row) await this.use(row, rows, wanted);
    await this.conditions.enable(name);
    const details = row ? { ...detailsOf(row), ...(untested && { untested }) } : {};
    await this.audit.record({ action: 'plugin_enable', object: `plugin:${name}`, ...doer, details });
    pluginsChanged.publish({ plugin: name });
  }

  /** Its tools are listed as unavailable, and tasks for them wait. @throws Problem `plugin_not_found` */
  async disable(name: string, doer: Doer): Promise<void> {
    const rows = await this.packages.list(name);
    if (rows.length === 0 && !this.isFound(name)) throw notFound(name);
    await this.conditions.disable(name);
    await this.audit.record({ action: 'plugin_disable', object: `plugin:${name}`, ...doer });
    pluginsChanged.publish({ plugin: name });
  }

  private async use(row: PluginPackage, rows: readonly PluginPackage[], { approve, untested }: Wanted) {
    const before = rows.find(({ status }) => status === 'current');
    if (approve !== undefined || row.status === 'waiting') refuseUnapproved(row, approve);
    if (row === before) return;
    const unpacked = await this.depot.get(row);
    await this.trial.fit(unpacked);
    const cases = await this.trial.pass(unpacked, untested ?? false);
    if (await this.packages.makeCurrent(row, cases, before)) return;
    throw new Problem('plugin_not_found', `The versions of ${row.name} were changed by somebody else meanwhile.`);
  }

  private isFound(name: string): boolean {
    return this.registry.foundTools().some(({ plugin }) => plugin.name === name);
  }
}

/** The newest that waits; or the one that is in use. */
function usual(rows: readonly PluginPackage[]): PluginPackage | undefined {
  return rows.find(({ status }) => status === 'waiting') ?? rows.find(({ status }) => status === 'current') ?? rows[0];
}

function refuseUnapproved({ name, version, permissions }: PluginPackage, approve: Permissions | undefined): void {
  if (approve !== undefined && samePermissions(approve, permissions)) return;
  const words = permissionWords(permissions);
  const asks = words.length === 0 ? 'no permissions' : `these permissions: ${words.join(', ')}`;
  throw new Problem('permissions_not_approved', `${name}@${version} asks for ${asks}. Approve exactly that.`);
}
