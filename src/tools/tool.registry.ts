import { availableParallelism } from 'node:os';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { DescriptionCache } from './description.cache.js';
import { BUNDLED } from '../plugins/bundled.js';
import { loadPlugins, type Plugin, type PluginFault } from '../plugins/plugin.loader.js';
import { type Tool, pinOf, refuseUnavailable } from './tool.js';
import { brokenTool, describedTool } from './tool.make.js';

/** Why the service of a tool cannot be used now. */
export interface Outage {
  /** In words for people. */
  readonly reason: string;
  /** Milliseconds until it may be back. Undefined: waiting does not help. */
  readonly retryMs?: number;
}

/** Undefined when the service of a tool can be used, or when there is none. */
export type OutageOf = (tool: Tool) => Outage | undefined;

/** One version of an installed plugin, as this process has it. */
export interface InstalledVersion {
  /** Whether new tasks get it. */
  readonly isCurrent: boolean;
  readonly tools: readonly Tool[];
}

/** Why a plugin may not be used now, in words for people; undefined when it may. */
export type Objection = (plugin: Tool['plugin']) => string | undefined;

/**
 * The tools of this platform, by name. The code of plugins is never loaded here: a child describes each plugin once,
 * and the description is kept by the hash of the plugin's content.
 */
@Injectable()
export class ToolRegistry implements OnModuleInit {
  private readonly logger = new Logger(ToolRegistry.name);
  private tools = new Map<string, Tool>();
  /** Tools of installed plugins, by name and version. */
  private versions = new Map<string, Tool>();
  private usableOnes: readonly Tool[] = [];
  private faults: PluginFault[] = [];
  private outageOf: OutageOf = () => undefined;
  /** Of plugins that nobody installed: they came with Toolyard, or lie in PLUGINS_DIR. */
  private found: readonly Tool[] = [];
  private foundFaults: readonly PluginFault[] = [];
  private installed: readonly InstalledVersion[] = [];
  private objection: Objection = () => undefined;

  constructor(
    private readonly config: Config,
    private readonly descriptions: DescriptionCache,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.reload();
  }

  /** Looks for plugins anew; until it has seen them all, everything stays as it was. */
  async reload(): Promise<void> {
    const { PLUGINS_DIR } = this.config;
    const found = (
      await Promise.all([BUNDLED, PLUGINS_DIR].filter((path) => path !== undefined).map(loadPlugins))
    ).flat();
    const plugins = found.filter((item): item is Plugin => 'code' in item);
    this.foundFaults = found.filter((item): item is PluginFault => 'reason' in item);
    this.found = (await this.describeAll(plugins)).flat();
    this.arrange();
    this.found.forEach((tool) => this.tellUnavailable(tool));
    this.faults.forEach((fault) => this.logger.error({ ...fault, msg: 'A plugin cannot be loaded.' }));
    this.logger.log(`${this.tools.size} tools of ${plugins.length} plugins`);
  }

  /** Who knows of services that are gone. It is asked anew each time. */
  setOutage(outageOf: OutageOf): void {
    this.outageOf = outageOf;
  }

  /** What is installed, and what may not be used; in place of what was said before. */
  setInstalled(versions: readonly InstalledVersion[], objection: Objection): void {
    this.installed = versions;
    this.objection = objection;
    this.arrange();
  }

  /** Tools of plugins that nobody installed. */
  foundTools(): readonly Tool[] {
    return this.found;
  }

  /** All tools, by name. */
  list(): Tool[] {
    return [...this.tools.values()].map((tool) => this.judged(tool)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Tool | undefined {
    const tool = this.tools.get(name);
    return tool && this.judged(tool);
  }

  /** Those that can be used, in no particular order. */
  usableTools(): readonly Tool[] {
    return this.usableOnes.filter((tool) => this.outageOf(tool) === undefined);
  }

  /** Tools of installed plugins that can be used, every version of them: tasks have the one with which they were created. */
  usableVersions(): readonly Tool[] {
    return [...this.versions.values()]
      .map((tool) => this.judged(tool))
      .filter(({ unavailableReason }) => unavailableReason === undefined);
  }

  /** The tool with which a task was created. Of plugins that are not installed there is one version only. */
  ofTask({ tool, toolVersion }: { readonly tool: string; readonly toolVersion: string }): Tool | undefined {
    return this.versions.get(pinOf(tool, toolVersion)) ?? this.tools.get(tool);
  }

  /** Whether the tool is here and can be used. */
  has(name: string): boolean {
    return this.find(name)?.unavailableReason === undefined && this.tools.has(name);
  }

  /** @throws Problem `tool_not_found` */
  get(name: string): Tool {
    const tool = this.find(name);
    if (!tool) throw new Problem('tool_not_found', `There is no tool called ${name}.`);
    return tool;
  }

  /** @throws Problem `tool_not_found`, or `tool_unavailable` with the reason */
  usable(name: string): Tool {
    return refuseUnavailable(this.get(name));
  }

  /** @throws as `usable` does */
  usableFor(task: { readonly tool: string; readonly toolVersion: string }): Tool {
    const tool = this.ofTask(task);
    return refuseUnavailable(tool ? this.judged(tool) : this.get(task.tool));
  }

  /** Folders that should be plugins and are not. */
  brokenPlugins(): readonly PluginFault[] {
    return this.faults;
  }

  /** A program that nobody installed is no fault: many do without some tools. */
  private tellUnavailable({ name, plugin, unavailableReason: msg, isBroken }: Tool): void {
    if (msg === undefined) return;
    const told = { tool: name, plugin: plugin.name, msg };
    if (isBroken) this.logger.error(told);
    else this.logger.log(told);
  }

  private judged(tool: Tool): Tool {
    const outage = tool.unavailableReason === undefined ? this.outageOf(tool) : undefined;
    return outage ? { ...tool, unavailableReason: outage.reason, retryMs: outage.retryMs } : tool;
  }

  private async describe(plugin: Plugin): Promise<Tool[]> {
    try {
      const { tools, faults } = await this.descriptions.of(plugin.code);
      const broken = faults.map((fault) => brokenTool(plugin, fault.file ?? plugin.folder, fault.reason));
      return [...tools.map((description) => describedTool(plugin, description)), ...broken];
    } catch (error) {
      this.logger.error({ plugin: plugin.code.name, err: error, msg: 'A plugin cannot be described.' });
      const reason = 'The process that should describe it could not be started. The operator finds why in the log.';
      return plugin.code.tools.map((file) => brokenTool(plugin, file, reason));
    }
  }

  /** Few at once: each has a process of its own, and more than there are cores make none of them faster. */
  private async describeAll(plugins: readonly Plugin[]): Promise<Tool[][]> {
    const described: Tool[][] = [];
    // Those with many tools first: whoever takes longest should not be the last to begin.
    const waiting = [...plugins.entries()].toSorted(([, a], [, b]) => b.code.tools.length - a.code.tools.length);
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) described[next[0]] = await this.describe(next[1]);
    };
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
    return described;
  }

  /** Puts every tool in its place, in new maps: whoever reads meanwhile sees the old ones whole. */
  private arrange(): void {
    const tools = new Map<string, Tool>();
    const versions = new Map<string, Tool>();
    this.faults = [...this.foundFaults];
    for (const tool of this.found) {
      const known = tools.get(tool.name);
      if (!known || known.unavailableReason !== undefined) tools.set(tool.name, tool);
      else this.faults.push(secondTool(tool));
    }
    for (const [name, tool] of tools) tools.set(name, this.allowed(tool));
    for (const { isCurrent, tools: more } of this.installed) {
      for (const tool of more.map((tool) => this.allowed(tool))) {
        // An installed plugin never takes the name of another's tool, not even of one that cannot be used.
        const isTaken = tools.has(tool.name);
        if (isTaken && isCurrent) this.faults.push(secondTool(tool));
        if (isCurrent && !isTaken) tools.set(tool.name, tool);
        versions.set(pinOf(tool.name, tool.version), tool);
      }
    }
    [this.tools, this.versions] = [tools, versions];
    this.usableOnes = [...tools.values()].filter(({ unavailableReason }) => unavailableReason === undefined);
  }

  private allowed(tool: Tool): Tool {
    const reason = this.objection(tool.plugin);
    return reason === undefined ? tool : { ...tool, unavailableReason: reason };
  }
}

function secondTool({ name, plugin }: Tool): PluginFault {
  return { folder: plugin.name, reason: `brings a second tool called ${name}` };
}
