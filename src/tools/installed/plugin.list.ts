import { Injectable } from '@nestjs/common';
import type { Tool } from '../tool.js';
import { ToolRegistry } from '../tool.registry.js';
import { ConditionStore } from './condition.store.js';
import { PackageStore } from './package.store.js';
import { ANY_CONTENT, type PluginCondition } from './plugin-condition.entity.js';
import { notFound } from './plugin.admin.js';
import { type PluginDocument, versionDocument } from './plugin.document.js';
import type { PluginPackage } from './plugin-package.entity.js';

/** The plugins of this platform, installed or not, as documents. */
@Injectable()
export class PluginList {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly packages: PackageStore,
    private readonly conditions: ConditionStore,
  ) {}

  /** By name. */
  async all(): Promise<PluginDocument[]> {
    const [rows, conditions] = await Promise.all([this.packages.list(), this.conditions.list()]);
    const found = Map.groupBy(this.registry.foundTools(), ({ plugin }) => plugin.name);
    const installed = Map.groupBy(rows, ({ name }) => name);
    const documents = [
      ...[...found].map(([name, tools]) => foundDocument(name, tools, conditions)),
      ...[...installed].map(([name, versions]) => installedDocument(name, versions, conditions)),
    ];
    return documents.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** @throws Problem `plugin_not_found` */
  async one(name: string): Promise<PluginDocument> {
    const document = (await this.all()).find((plugin) => plugin.name === name);
    if (document) return document;
    throw notFound(name);
  }
}

function foundDocument(name: string, tools: readonly Tool[], conditions: readonly PluginCondition[]): PluginDocument {
  const [first] = tools;
  return {
    name,
    version: first?.version ?? null,
    origin: 'found',
    ...stand(name, first?.plugin.hash, conditions),
    tools: tools.map((tool) => tool.name),
    versions: [],
  };
}

function installedDocument(
  name: string,
  versions: readonly PluginPackage[],
  conditions: readonly PluginCondition[],
): PluginDocument {
  const current = versions.find(({ status }) => status === 'current');
  const { status, reason } = stand(name, current?.hash, conditions);
  return {
    name,
    version: current?.version ?? null,
    origin: 'installed',
    status: current || status === 'disabled' ? status : 'waiting',
    reason,
    tools: [...(current?.tools ?? [])],
    versions: versions.map((row) => versionDocument(row, current)),
  };
}

function stand(plugin: string, hash: string | undefined, conditions: readonly PluginCondition[]) {
  const own = conditions.filter((condition) => condition.plugin === plugin);
  const found = own.find((one) => one.hash === ANY_CONTENT) ?? own.find((one) => one.hash === hash);
  const isShutAway = found?.status === 'quarantined';
  const reason = isShutAway ? `It crashed in ${found.crashes} tasks in a row.` : null;
  return { status: found?.status ?? ('enabled' as const), reason };
}
