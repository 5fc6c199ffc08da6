import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { DescriptionCache } from './description.cache.js';
import { BUNDLED } from '../plugins/bundled.js';
import { loadPlugins, type Plugin, type PluginFault } from '../plugins/plugin.loader.js';
import type { Tool } from './tool.js';
import { brokenTool, describedTool } from './tool.make.js';

/** Why the service of a tool cannot be used now, in words for people; undefined when it can, or when there is none. */
export type Outage = (tool: Tool) => string | undefined;

/**
 * The tools of this platform, by name. The code of plugins is never loaded here: a child describes each plugin once,
 * and the description is kept by the hash of the plugin's content.
 */
@Injectable()
export class ToolRegistry implements OnModuleInit {
  private readonly logger = new Logger(ToolRegistry.name);
  private readonly tools = new Map<string, Tool>();
  private usableOnes: readonly Tool[] = [];
  private faults: PluginFault[] = [];
  private outage: Outage = () => undefined;

  constructor(
    private readonly config: Config,
    private readonly descriptions: DescriptionCache,
  ) {}

  async onModuleInit(): Promise<void> {
    const { PLUGINS_DIR } = this.config;
    const found = (
      await Promise.all([BUNDLED, PLUGINS_DIR].filter((path) => path !== undefined).map(loadPlugins))
    ).flat();
    const plugins = found.filter((item): item is Plugin => 'code' in item);
    this.faults = found.filter((item): item is PluginFault => 'reason' in item);
    const described = await Promise.all(plugins.map((plugin) => this.describe(plugin)));
    described.flat().forEach((tool) => this.add(tool));
    this.usableOnes = this.list().filter(({ unavailableReason }) => unavailableReason === undefined);
    this.faults.forEach((fault) => this.logger.error({ ...fault, msg: 'A plugin cannot be loaded.' }));
    this.logger.log(`${this.tools.size} tools of ${plugins.length} plugins`);
  }

  /** Who knows of services that are gone. It is asked anew each time. */
  setOutage(outage: Outage): void {
    this.outage = outage;
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
    return this.usableOnes.filter((tool) => this.outage(tool) === undefined);
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
    const tool = this.get(name);
    if (tool.unavailableReason === undefined) return tool;
    throw new Problem('tool_unavailable', `The tool ${name} is not available: ${tool.unavailableReason}`);
  }

  /** Folders that should be plugins and are not. */
  brokenPlugins(): readonly PluginFault[] {
    return this.faults;
  }

  private judged(tool: Tool): Tool {
    const reason = tool.unavailableReason ?? this.outage(tool);
    return reason === undefined ? tool : { ...tool, unavailableReason: reason };
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

  /** The first one keeps the name; the second is told to the operator and left out. */
  private add(tool: Tool): void {
    if (tool.unavailableReason !== undefined)
      this.logger.error({ tool: tool.name, plugin: tool.plugin.name, msg: tool.unavailableReason });
    const known = this.tools.get(tool.name);
    if (!known || known.unavailableReason !== undefined) this.tools.set(tool.name, tool);
    else
      this.faults = [...this.faults, { folder: tool.plugin.name, reason: `brings a second tool called ${tool.name}` }];
  }
}
