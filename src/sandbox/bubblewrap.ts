import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PluginPermissions } from './plugin.code.js';

/** Where programs are looked for, in this order: by us, and by what runs in a child. */
export const PROGRAM_DIRECTORIES = ['/usr/local/bin', '/usr/bin', '/bin'] as const;

/** Where large programs lie with all that is theirs, such as `chromium/chromium`. */
const LIBRARIES = '/usr/lib';

/** Where the loader of the system finds libraries. Some are links to others. */
const LIBRARY_DIRECTORIES = [LIBRARIES, '/usr/lib64', '/lib', '/lib64', '/usr/local/lib'];
const LIBRARY_CACHE = '/etc/ld.so.cache';

/** Native code and programs bring data of their own, above all fonts. */
const DATA = ['/etc/fonts', '/usr/share', '/usr/local/share', '/var/cache/fontconfig'];

/** Where Debian's choice between several makers of a library points to: without it ffmpeg finds no libblas. */
const ALTERNATIVES = '/etc/alternatives';

/** What names of hosts and certificates are looked up in. */
const NETWORK = ['/etc/hosts', '/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/ssl/certs'];

/** What a child sees of the disk. All paths are absolute, and the same inside as outside. */
export interface Sight {
  /** Files and directories that it may read. */
  readonly readable: readonly string[];
  /** Its own directory, with `in` and `out`. */
  readonly directory: string;
  /** Whether it may write, to `out`. */
  readonly writable: boolean;
}

/**
 * The arguments of bwrap(1): namespaces of its own for everything, no capabilities, and a root that is empty but for
 * what is named here. Nothing but `out` can be written to, so nothing can be hidden from one run for the next.
 *
 * There is no `--new-session`: a child has a session of its own already, and a second one would take it out of the
 * process group by which it is ended.
 */
export function bubblewrap({ readable, directory, writable }: Sight, permissions: PluginPermissions): string[] {
  const { net, exec, addons } = permissions;
  const data = addons || exec.length > 0 ? [...DATA, ALTERNATIVES] : [];
  return [
    '--unshare-user',
    '--unshare-all',
    '--disable-userns',
    ...(net.length > 0 ? ['--share-net'] : []),
    '--die-with-parent',
    ...option('--cap-drop', 'ALL'),
    ...option('--hostname', 'sandbox'),
    ...LIBRARY_DIRECTORIES.flatMap(libraries),
    ...readOnly([LIBRARY_CACHE, ...data, ...(net.length > 0 ? NETWORK : [])].filter((path) => existsSync(path))),
    ...exec.flatMap(program),
    ...option('--proc', '/proc'),
    ...option('--dev', '/dev'),
    ...option('--dir', '/tmp'),
    ...readOnly(readable),
    ...readOnly([join(directory, 'in')]),
    ...option(writable ? '--bind' : '--ro-bind', join(directory, 'out'), join(directory, 'out')),
    ...option('--remount-ro', '/dev'),
    ...option('--remount-ro', '/'),
    ...option('--chdir', directory),
  ];
}

/** The path of a program of the system, never from a PATH that somebody set. */
export function findProgram(name: string, directories: readonly string[] = PROGRAM_DIRECTORIES): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function option(name: string, ...values: readonly string[]): string[] {
  return [name, ...values];
}

function readOnly(paths: readonly string[]): string[] {
  return paths.flatMap((path) => ['--ro-bind', path, path]);
}

function libraries(path: string): string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : readOnly([path]);
}

/** A program that is not here is not found in the child either, and the tool that wants it says so. */
function program(name: string): string[] {
  const path = findProgram(name);
  if (path === undefined) return [];
  const wrapped = join(LIBRARIES, name, name);
  // Inside there is no shell for a wrapper; what it wraps finds its data beside its own path, so that must stay as it is.
  if (isScript(path) && isExecutable(wrapped)) return option('--symlink', wrapped, path);
  return ['--ro-bind', realpathSync(path), path];
}

function isScript(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(2);
    readSync(file, start);
    return start.toString('latin1') === '#!';
  } finally {
    closeSync(file);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
