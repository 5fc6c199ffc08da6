import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { PluginCode } from '../../sandbox/plugin.code.js';
import { brokenTool, describedTool } from '../tool.make.js';
import type { Tool } from '../tool.js';
import { type InstalledVersion, ToolRegistry } from '../tool.registry.js';
import { ConditionStore } from './condition.store.js';
import { Depot } from './depot.js';
import { toolsChanged } from './installed.channels.js';
import { PackageStore } from './package.store.js';
import { ANY_CONTENT, type PluginCondition } from './plugin-condition.entity.js';
import type { PluginPackage } from './plugin-package.entity.js';

const DISABLED = 'An admin has disabled its plugin.';
const NOT_HERE = 'Its package cannot be had on this machine. The operator finds why in the log.';

/** Gives the registry what the rows say: the tools of installed plugins, and which plugins may not be used now. */
@Injectable()
export class InstalledPlugins implements OnModuleInit {
  private readonly logger = new Logger(InstalledPlugins.name);
  /** What the rows said last. */
  private heard = '';
  private refreshing: Promise<void> = Promise.resolve();
  private conditions: readonly PluginCondition[] = [];
  /** By id, so that what cannot be had is told once. */
  private readonly missing = new Set<string>();

  constructor(
    private readonly packages: PackageStore,
    private readonly conditionRows: ConditionStore,
    private readonly depot: Depot,
    private readonly registry: ToolRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
  }

  /** Looks at the rows, one look after the other; does nothing when they are as before and all packages are here. */
  refresh(): Promise<void> {
    const next = this.refreshing.then(() => this.look());
    this.refreshing = next.catch(() => {});
    return next;
  }

  /** How the plugin stands, as far as this process has heard. */
  conditionOf({ name, hash }: Pick<PluginCode, 'name' | 'hash'>): PluginCondition | undefined {
    const own = this.conditions.filter(({ plugin }) => plugin === name);
    const disabled = own.find((condition) => condition.hash === ANY_CONTENT);
    return disabled ?? own.find((condition) => condition.hash === hash);
  }

  /** Tasks in a row that crashed this content, as far as this process has heard. */
  crashesOf({ name, hash }: Pick<PluginCode, 'name' | 'hash'>): number {
    return this.conditions.find((condition) => condition.plugin === name && condition.hash === hash)?.crashes ?? 0;
  }

  private async look(): Promise<void> {
    const [rows, conditions] = await Promise.all([this.packages.list(), this.conditionRows.list()]);
    const said = JSON.stringify([rows, conditions]);
    if (said === this.heard && this.missing.size === 0) return;
    const versions: InstalledVersion[] = [];
    const wanted = rows.filter(({ status }) => status !== 'waiting');
    // In the order in which they came: of two with the same tool the first one keeps it.
    for (const row of wanted.toReversed()) versions.push(await this.version(row));
    this.conditions = conditions;
    this.registry.setInstalled(versions, (plugin) => this.objection(plugin));
    this.heard = said;
    toolsChanged.publish({});
    await this.depot.tidy(rows);
  }

  private async version(row: PluginPackage): Promise<InstalledVersion> {
    const isCurrent = row.status === 'current';
    try {
      const { plugin, lock } = await this.depot.get(row);
      this.missing.delete(row.id);
      // What it said when it was packed, which was compared with what it says here before it was enabled.
      return { isCurrent, tools: lock.tools.map((description) => describedTool(plugin, description)) };
    } catch (error) {
      if (!this.missing.has(row.id))
        this.logger.error({
          plugin: row.name,
          version: row.version,
          err: error,
          msg: 'An installed plugin cannot be had.',
        });
      this.missing.add(row.id);
      return { isCurrent, tools: unavailable(row) };
    }
  }

  private objection(plugin: PluginCode): string | undefined {
    const condition = this.conditionOf(plugin);
    if (condition?.status === 'disabled') return DISABLED;
    return condition?.status === 'quarantined' ? quarantined(condition) : undefined;
  }
}

function quarantined({ crashes }: PluginCondition): string {
  return `Its plugin is quarantined, because it crashed in ${crashes} tasks in a row. An admin can enable it again.`;
}

function unavailable({ name, version, hash, tools, permissions }: PluginPackage): Tool[] {
  const code = { name, hash, directory: '', tools: [], permissions };
  return tools.map((tool) => brokenTool({ version, code }, `${tool}.tool.js`, NOT_HERE));
}
