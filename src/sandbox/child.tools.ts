import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BaseTool } from '../sdk/index.js';
import type { ToolService } from './tool.description.js';
import { ToolFault } from './tool.fault.js';

export interface LoadedTool {
  /** The options of the first instance: a zod schema is slow when it is new. */
  readonly options: BaseTool['options'];
  /** A new instance, so that no run finds what another left in a field. */
  readonly create: () => BaseTool;
  /** What does the work, when it is not this process. */
  readonly service?: ToolService | undefined;
}

const DECLARED = /\.tool\.yaml$/;

const loaded = new Map<string, LoadedTool>();

/** The tool in a file of the plugin's directory, loaded once. Rejects with ToolFault, or whatever its code throws. */
export async function loadTool(directory: string, file: string): Promise<LoadedTool> {
  const known = loaded.get(file);
  if (known) return known;

  const path = join(directory, file);
  const tool = DECLARED.test(file) ? await loadDeclared(path) : await loadClass(path);
  loaded.set(file, tool);
  return tool;
}

async function loadClass(path: string): Promise<LoadedTool> {
  const { default: exported }: { default?: unknown } = await import(pathToFileURL(path).href);
  if (!isToolClass(exported)) throw new ToolFault('Its default export is not a class that extends BaseTool.');
  return { options: new exported().options, create: () => new exported() };
}

/** What reads declarations is loaded only where there are any. */
async function loadDeclared(path: string): Promise<LoadedTool> {
  const { declaredTool } = await import('./declared/declared.tool.js');
  const { tool, service } = await declaredTool(path);
  return { options: tool.options, create: () => tool, service };
}

function isToolClass(exported: unknown): exported is new () => BaseTool {
  return typeof exported === 'function' && exported.prototype instanceof BaseTool;
}
