import { join } from 'node:path';
import type { Launch } from './launch.js';

/** The arguments of Node for a child: what its plugin may not do, as far as Node itself can keep it from it. */
export function nodeArguments({ plugin, limits }: Launch): string[] {
  return [
    ...(plugin.permissions.addons ? [] : ['--no-addons']),
    // It opens files without asking for permission.
    '--no-experimental-sqlite',
    '--disable-proto=delete',
    `--max-old-space-size=${limits.memoryMb}`,
    ...['SecurityWarning', 'ExperimentalWarning', 'MODULE_TYPELESS_PACKAGE_JSON'].map(
      (warning) => `--disable-warning=${warning}`,
    ),
  ];
}

/** The arguments that switch on Node's permissions. @param readable files and directories */
export function permissionArguments({ plugin, directory, writable }: Launch, readable: readonly string[]): string[] {
  const { addons, exec, net } = plugin.permissions;
  return [
    '--permission',
    ...[...readable, `${directory}/`].map((path) => `--allow-fs-read=${literal(path)}`),
    ...(writable ? [`--allow-fs-write=${literal(join(directory, 'out'))}`] : []),
    ...(addons ? ['--allow-addons'] : []),
    ...(exec.length > 0 ? ['--allow-child-process'] : []),
    ...(net.length > 0 ? ['--allow-net'] : []),
  ];
}

/** To Node a star in a path is a pattern. */
function literal(path: string): string {
  if (path.includes('*')) throw new Error(`The path ${path} cannot be used, because it has a star in it.`);
  return path;
}
