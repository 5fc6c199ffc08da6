import { Problem } from '../errors/problem.js';
import type { ToolLimits } from '../sdk/index.js';
import type { PluginCode } from '../sandbox/plugin.code.js';
import type { ToolService } from '../sandbox/tool.description.js';
import type { OptionsCheck } from '../plugins/options/tool.options.js';

/** What is known of a tool without ever loading its code into this process. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly keywords: readonly string[];
  readonly stage: 'alpha' | 'beta' | 'stable' | 'deprecated';
  /** The version of its plugin. */
  readonly version: string;
  readonly inputFormats: readonly string[];
  readonly outputFormats: readonly string[];
  /** JSON Schema, draft 2020-12. */
  readonly optionsSchema: Readonly<Record<string, unknown>>;
  readonly limits: ToolLimits;
  /** Programs without which it cannot work. */
  readonly requires: readonly string[];
  readonly deterministic: boolean;
  readonly shareable: boolean;
  /** The plugin that brings it; its permissions are the tool's. */
  readonly plugin: PluginCode;
  /** The file in the plugin whose default export it is. */
  readonly file: string;
  /** What does its work, when its plugin does not; approved by the manifest. */
  readonly service?: ToolService | undefined;
  /** Why it cannot be used, in words for people; undefined when it can. */
  readonly unavailableReason: string | undefined;
  /** Milliseconds until it may be there again. Undefined: waiting does not help, or it is there. */
  readonly retryMs?: number | undefined;
  /** Whether it is at fault itself; else what is missing is missing on this machine. */
  readonly isBroken?: true;
  readonly options: OptionsCheck;
}

/** @throws Problem `tool_unavailable` with the reason, when the tool cannot be used */
export function refuseUnavailable(tool: Tool): Tool {
  const { name, unavailableReason: reason, retryMs } = tool;
  if (reason === undefined) return tool;
  const seconds = retryMs === undefined ? undefined : String(Math.max(1, Math.ceil(retryMs / 1000)));
  throw new Problem('tool_unavailable', `The tool ${name} is not available: ${reason}`, {
    ...(seconds !== undefined && { retryable: true, headers: { 'retry-after': seconds } }),
  });
}

/** Whether the tool takes files at all. */
export function takesFiles({ inputFormats, limits }: Tool): boolean {
  return inputFormats.length > 0 && limits.maxInputs > 0;
}

/** What tells one version of a tool from all others. */
export function pinOf(tool: string, version: string): string {
  return `${tool}@${version}`;
}
