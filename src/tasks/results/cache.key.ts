import { hash } from 'node:crypto';
import type { Tool } from '../../tools/tool.js';
import { canonicalJson } from '../canonical.json.js';
import type { TaskFile } from '../task.entity.js';

/**
 * The same for tasks that must have the same result: SHA-256 of the tool with its version and content, of the inputs
 * with their names, which tools see, and of the options. Null when the tool does not promise that.
 *
 * @param options checked, and with their defaults
 */
export function cacheKey(tool: Tool, inputs: readonly TaskFile[], options: Record<string, unknown>): string | null {
  if (!tool.deterministic) return null;
  const files = inputs.map(({ name, type, sha256 }) => [name, type, sha256]);
  const { name, version, plugin } = tool;
  return hash('sha256', canonicalJson([name, version, plugin.hash, files, options]), 'base64url');
}
