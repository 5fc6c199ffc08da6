import type { PluginCode } from '../../sandbox/plugin.code.js';
import type { Description, ToolDescription } from '../../sandbox/tool.description.js';
import { isUsable, OptionsCheck } from './tool.options.js';
import { withoutPatterns } from './untrusted.schema.js';

/** How the options of a tool are checked before it sees them, wherever it runs: of an installed one without patterns. */
export function optionsCheck({ isAlone }: PluginCode, { optionsSchema }: Pick<ToolDescription, 'optionsSchema'>) {
  return new OptionsCheck(isAlone ? withoutPatterns(optionsSchema) : optionsSchema);
}

/** A description in which a tool whose options could not be checked is a fault. */
export function withUsableOptions({ tools, faults }: Description): Description {
  const [good, bad] = [tools.filter(hasUsableOptions), tools.filter((tool) => !hasUsableOptions(tool))];
  const more = bad.map(({ file }) => ({ file, place: null, reason: 'The schema of its options cannot be used.' }));
  return { tools: good, faults: [...faults, ...more] };
}

function hasUsableOptions({ optionsSchema }: ToolDescription): boolean {
  return isUsable(optionsSchema);
}
