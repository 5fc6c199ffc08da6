import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BaseTool } from '../sdk/index.js';

export interface LoadedTool {
  /** The options of the first instance: a zod schema is slow when it is new. */
  readonly options: BaseTool['options'];
  /** A new instance, so that no run finds what another left in a field. */
  readonly create: () => BaseTool;
}

/** Why a tool cannot be used, as a plain sentence. */
export class ToolFault extends Error {
  override readonly name = 'ToolFault';
}

const loaded = new Map<string, LoadedTool>();

/** The tool in a file of the plugin's directory, imported once. Rejects with ToolFault, or whatever its code throws. */
export async function loadTool(directory: string, file: string): Promise<LoadedTool> {
  const known = loaded.get(file);
  if (known) return known;

  const { default: exported }: { default?: unknown } = await import(pathToFileURL(join(directory, file)).href);
  if (!isToolClass(exported)) throw new ToolFault('Its default export is not a class that extends BaseTool.');
  const tool = { options: new exported().options, create: () => new exported() };
  loaded.set(file, tool);
  return tool;
}

function isToolClass(exported: unknown): exported is new () => BaseTool {
  return typeof exported === 'function' && exported.prototype instanceof BaseTool;
}
