import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ChildHandle } from './child.process.js';
import { findHostPaths, type HostPaths, packageDirectories } from './host.paths.js';
import type { PluginCode } from './plugin.code.js';

export interface Launch {
  readonly plugin: PluginCode;
  /** MiB that JavaScript objects may take. */
  readonly memoryMb: number;
  /** The child's own directory, with `in` and `out`. */
  readonly directory: string;
  /** Whether it may write, to `out`. */
  readonly writable: boolean;
}

/** Milliseconds that a new child has to say that it is ready. */
const READY_MS = 10_000;

/** Starts children, each with no more than its plugin's manifest asks for. */
export class Launcher {
  private readonly host: HostPaths = findHostPaths();

  /** @param variablesFor gives the values of the variables that a manifest names. */
  constructor(private readonly variablesFor: (names: readonly string[]) => Readonly<Record<string, string>>) {}

  /** Resolves when the child can be spoken to. Rejects when it cannot be started; then nothing of it is left. */
  async start(launch: Launch): Promise<ChildHandle> {
    const { permissions, directory } = launch.plugin;
    const child = spawn(
      process.execPath,
      [...restrictions(launch, this.host), this.host.script, directory, ...permissions.exec],
      {
        cwd: launch.directory,
        env: { ...this.variablesFor(permissions.env), ...surroundings(launch) },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        windowsHide: true,
      },
    );
    // A process that cannot be started ends, too, and that is noticed; but a fault nobody listens to would end us.
    child.on('error', () => {});
    const handle = new ChildHandle(child);
    await readiness(handle);
    return handle;
  }
}

/** Whether Node's permissions hold for all that the plugin does: neither native code nor other programs obey them. */
export function isConfined({ addons, exec }: PluginCode['permissions']): boolean {
  return !addons && exec.length === 0;
}

/** The arguments of Node. The child's directory always stands among them: it tells whose child a process is. */
function restrictions({ plugin, memoryMb, directory, writable }: Launch, host: HostPaths): string[] {
  const { addons, exec, net } = plugin.permissions;
  const readable = [...host.readable, plugin.directory, ...packageDirectories(plugin.directory), `${directory}/`];
  return [
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${literal(path)}`),
    ...(writable ? [`--allow-fs-write=${literal(join(directory, 'out'))}`] : []),
    ...(addons ? ['--allow-addons'] : []),
    ...(exec.length > 0 ? ['--allow-child-process'] : []),
    ...(net.length > 0 ? ['--allow-net'] : []),
    // It opens files without asking for permission.
    '--no-experimental-sqlite',
    '--disable-proto=delete',
    `--max-old-space-size=${memoryMb}`,
    ...['SecurityWarning', 'ExperimentalWarning', 'MODULE_TYPELESS_PACKAGE_JSON'].map(
      (warning) => `--disable-warning=${warning}`,
    ),
  ];
}

/** The same on every machine, so that a deterministic tool is one. */
function surroundings({ plugin, directory }: Launch): Record<string, string> {
  const temporary = join(directory, 'out');
  return {
    ...(plugin.permissions.exec.length > 0 && { PATH: '/usr/local/bin:/usr/bin:/bin' }),
    HOME: temporary,
    TMPDIR: temporary,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  };
}

/** To Node a star in a path is a pattern. */
function literal(path: string): string {
  if (path.includes('*')) throw new Error(`The path ${path} cannot be used, because it has a star in it.`);
  return path;
}

async function readiness(child: ChildHandle): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('A child did not become ready in time.')), READY_MS);
  let printed = '';
  child.attach({
    heard: ({ type }) =>
      type === 'ready' ? resolve() : reject(new Error(`A child said ${type} before it was ready.`)),
    printed: (_, text) => (printed += text),
    misbehaved: (_, reason) => reject(new Error(reason)),
    gone: ({ code, signal }) => reject(new Error(`A child ended at once (${signal ?? code}). ${printed}`)),
  });
  try {
    await promise;
  } catch (error) {
    await child.end();
    throw error;
  } finally {
    clearTimeout(timer);
    child.detach();
  }
}
