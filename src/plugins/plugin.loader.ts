import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { PluginCode } from '../sandbox/plugin.code.js';
import { type Manifest, manifestSchema } from './plugin.manifest.js';

const TOOL_FILE = /\.tool\.(ts|js|mjs|yaml)$/;

/** A plugin as it lies on the disk: its manifest is read, none of its code is. */
export interface Plugin {
  /** The folder's name. */
  readonly folder: string;
  readonly version: string;
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
      .filter((name) => !name.startsWith('.'))
      .toSorted()
      .map((name) => loadPlugin(directory, name)),
  );
}

/** One plugin, in the folder of this name. Never rejects. */
export async function loadPlugin(directory: string, folder: string): Promise<Plugin | PluginFault> {
  try {
    const path = await realpath(join(directory, folder));
    const manifest = await readManifest(path);
    const files = await listFiles(path);
    const tools = files.filter((file) => TOOL_FILE.test(file) && !file.includes('/'));
    if (tools.length === 0) return { folder, reason: 'has no file that ends in .tool.ts, .tool.js or .tool.yaml' };
    const { permissions } = manifest.toolyard;
    const hash = await contentHash(path, files);
    return {
      folder,
      version: manifest.version,
      code: { name: manifest.name, hash, directory: path, tools, permissions },
    };
  } catch (error) {
    return { folder, reason: error instanceof Error ? error.message : 'cannot be read' };
  }
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

/** Paths inside the plugin, with `/`, sorted; its installed packages are not its own files. */
async function listFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.split('/').includes('node_modules'))
    .toSorted();
}

/** SHA-256 over the names and the bytes of all files: the same plugin has the same hash everywhere. */
async function contentHash(path: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = await readFile(join(path, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
