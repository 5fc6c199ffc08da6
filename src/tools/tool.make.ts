import { DEFAULT_LIMITS } from '../sdk/index.js';
import type { ToolDescription } from '../sandbox/tool.description.js';
import type { Plugin } from '../plugins/plugin.loader.js';
import { missingNeed } from '../plugins/needs.js';
import { refusedService } from '../plugins/plugin.service.js';
import { stemOf } from '../plugins/tool.file.js';
import type { Tool } from './tool.js';
import { optionsCheck } from '../plugins/options/described.options.js';
import { OptionsCheck } from '../plugins/options/tool.options.js';

const NO_OPTIONS = { type: 'object', properties: {}, additionalProperties: false };

/** As much of a plugin as its tools need. */
type Described = Pick<Plugin, 'version' | 'code'>;

/** A tool as its plugin describes it. */
export function describedTool(plugin: Described, description: ToolDescription): Tool {
  const options = optionsCheck(plugin.code, description);
  const { permissions } = plugin.code;
  const refused = refusedService(description.service, permissions);
  const unavailableReason = refused ?? missingNeed(description, permissions);
  // What is not approved is never asked, not even whether it is there.
  const service = refused === undefined ? description.service : undefined;
  return { ...description, service, version: plugin.version, plugin: plugin.code, unavailableReason, options };
}

/** A tool of which only the file's name is known: it is listed with the reason, so that people can see what is missing. */
export function brokenTool(plugin: Described, file: string, reason: string): Tool {
  const name = stemOf(file);
  return {
    name,
    title: name,
    description: 'This tool cannot be used.',
    category: 'other',
    keywords: [],
    stage: 'beta',
    version: plugin.version,
    inputFormats: [],
    outputFormats: [],
    optionsSchema: NO_OPTIONS,
    limits: DEFAULT_LIMITS,
    requires: [],
    deterministic: false,
    shareable: false,
    plugin: plugin.code,
    file,
    unavailableReason: reason,
    isBroken: true,
    options: new OptionsCheck(NO_OPTIONS),
  };
}
