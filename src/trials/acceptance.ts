import { Problem } from '../errors/problem.js';
import { matches } from '../files/detection/media-type.js';
import { optionsCheck } from '../plugins/options/described.options.js';
import { type Options, refuseLargeOptions } from '../plugins/options/tool.options.js';
import type { PluginCode } from '../sandbox/plugin.code.js';
import type { ToolDescription } from '../sandbox/tool.description.js';
import type { GivenFile } from '../sandbox/workspace.js';

/** What must be known of a tool to run it. */
export type TriedTool = Pick<ToolDescription, 'file' | 'name' | 'inputFormats' | 'optionsSchema' | 'limits'>;

/**
 * The options of a run as a task would keep them: checked by the same code as those of a request, with the defaults.
 *
 * @throws Problem `invalid_options` or `options_too_large`
 */
export function acceptOptions(plugin: PluginCode, tool: TriedTool, options: Readonly<Options>): Options {
  refuseLargeOptions(Infinity, options);
  return optionsCheck(plugin, tool).check(structuredClone(options));
}

/**
 * What the platform refuses before any tool sees it, with the same codes.
 *
 * @throws Problem `too_many_files`, `file_missing`, `file_empty`, `file_too_large` or `file_type_not_accepted`
 */
export function refuse({ name, inputFormats, limits }: TriedTool, inputs: readonly GivenFile[]): void {
  const most = inputFormats.length > 0 ? limits.maxInputs : 0;
  if (inputs.length > most)
    throw new Problem('too_many_files', `${name} takes ${most === 0 ? 'no' : `at most ${most}`} files.`);
  if (inputs.length === 0 && most > 0) throw new Problem('file_missing', `${name} needs a file.`);
  for (const { size, type } of inputs) {
    if (size === 0) throw new Problem('file_empty', 'The file is empty: it has no bytes at all.');
    if (size > limits.maxInputBytes)
      throw new Problem('file_too_large', `The file has more than ${limits.maxInputBytes} bytes.`);
    if (!inputFormats.some((pattern) => matches(pattern, type)))
      throw new Problem(
        'file_type_not_accepted',
        `${name} takes ${inputFormats.join(', ')}, but this file is ${type}.`,
      );
  }
}
