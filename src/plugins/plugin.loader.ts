import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginCode } from '../sandbox/plugin.code.js';
import { contentHash, filesIn, isInPackage, packagesAbove } from './plugin.files.js';
import { type Manifest, manifestSchema } from './plugin.manifest.js';
import { TOOL_FILE } from './tool.file.js';

/** A plugin as it lies on the disk: its manifest is read, none of its code is. */
export interface Plugin {
  /** The folder's name. */
  readonly folder: string;
  readonly version: string;
  readonly manifest: Manifest;
  readonly code: PluginCode;
}

/** A folder that cannot be a plugin, and why, in words for the operator. */
export interface PluginFault {
  readonly folder: string;
  readonly reason: string;
}

/** Looks through a directory with one folder per plugin. One bad folder does not spoil the others. */
export async function loadPlugins(directory: string): Promise<(Plugin | PluginFault)[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  return Promise.all(
    folders
      .filter((name) => !name.startsWith('.') && name !== 'node_modules')
      .toSorted()
      .map((name) => loadPlugin(directory, name)),
  );
}

/** One plugin, in the folder of this name. Never rejects. */
export async function loadPlugin(directory: string, folder: string): Promise<Plugin | PluginFault> {
  try {
    const path = await realpath(join(directory, folder));
    const plugin = await readPlugin(path, folder);
    const above = await packagesAbove(path);
    if (above.length === 0) return plugin;
    const hash = createHash('sha256')
      .update([plugin.code.hash, ...above].join('\n'))
      .digest('hex');
    return { ...plugin, code: { ...plugin.code, hash } };
  } catch (error) {
    return { folder, reason: error instanceof Error ? error.message : 'cannot be read' };
  }
}

/**
 * The plugin in a folder, with the hash of its own files and packages alone.
 *
 * @param path absolute, without links
 * @throws Error with the reason why it is none, which begins with its verb
 */
export async function readPlugin(path: string, folder: string): Promise<Plugin> {
  const manifest = await readManifest(path);
  const files = await filesIn(path);
  const own = files.filter(({ path, kind }) => kind === 'file' && !isInPackage(path)).map(({ path }) => path);
  const tools = own.filter((file) => TOOL_FILE.test(file) && !file.includes('/'));
  if (tools.length === 0) throw new Error('has no file that ends in .tool.ts, .tool.js or .tool.yaml');
  const { name, version } = manifest;
  const { permissions } = manifest.toolyard;
  const code = { name, hash: await contentHash(path, files), directory: path, tools, permissions };
  return { folder, version, manifest, code };
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => {
    throw new Error('has no package.json');
  });
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`has a package.json that is not a manifest (${faults.join('; ')})`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('has a package.json that is not JSON');
  }
}
