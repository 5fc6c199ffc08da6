import { variablesFor } from '../config/config.variables.js';
import type { PluginPermissions } from '../sandbox/plugin.code.js';
import { missingProgram } from './programs.js';

/** What a tool cannot work without. */
export interface Needs {
  /** Programs. */
  readonly requires: readonly string[];
  /** Environment variables. */
  readonly settings: readonly string[];
}

/**
 * Why a tool cannot be used for want of a program or a variable, in a sentence for the operator; undefined when it has all.
 *
 * @param allowed what the plugin's manifest names: of others the tool would see nothing
 */
export function missingNeed(needs: Needs, allowed: Pick<PluginPermissions, 'exec' | 'env'>): string | undefined {
  return missingProgram(needs.requires, allowed.exec) ?? missingVariable(needs.settings, allowed.env);
}

function missingVariable(required: readonly string[], allowed: readonly string[]): string | undefined {
  const undeclared = required.find((name) => !allowed.includes(name));
  if (undeclared !== undefined) return `It needs ${undeclared}, which its manifest does not name under env.`;
  const known = variablesFor(required);
  const missing = required.find((name) => known[name] === undefined);
  return missing === undefined ? undefined : `It needs the variable ${missing}, which is not set.`;
}
