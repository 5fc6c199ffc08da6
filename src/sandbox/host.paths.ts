import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the platform a child loads. Always the built files, also where the parent runs from its sources. */
export interface HostPaths {
  /** The script that a child runs. */
  readonly script: string;
  /** The manifest that tells Node how to read the script. */
  readonly manifest: string;
  /** Directories that every child may read. */
  readonly readable: readonly string[];
}

/** What the script itself imports. */
const PACKAGES = ['zod', 'yaml'];

export function findHostPaths(): HostPaths {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const script = join(root, 'dist/sandbox/child.js');
  if (!existsSync(script)) throw new Error('Toolyard is not built: dist/sandbox/child.js is missing.');
  const manifest = join(root, 'package.json');
  const find = createRequire(manifest);
  const packages = PACKAGES.map((name) => realpathSync(dirname(find.resolve(`${name}/package.json`))));
  return { script, manifest, readable: [join(root, 'dist/sandbox'), join(root, 'dist/sdk'), ...packages] };
}

/** Absolute path of a folder of the built platform, such as `trials/inspection`. */
export function builtDirectory(name: string): string {
  return join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'dist', name);
}

/** Where the packages that code in `directory` imports can lie: one for each directory above it that has any. */
export function packageDirectories(directory: string): string[] {
  const found = [];
  for (let at = directory; at !== dirname(at); at = dirname(at)) {
    const packages = join(at, 'node_modules');
    if (existsSync(packages)) found.push(packages, realpathSync(packages));
  }
  return [...new Set(found)];
}

function packageRoot(start: string): string {
  for (let at = start; at !== dirname(at); at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'toolyard') return realpathSync(at);
  }
  throw new Error('The package toolyard is not found above its own files.');
}
