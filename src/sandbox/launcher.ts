import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bubblewrap, PROGRAM_DIRECTORIES } from './bubblewrap.js';
import { ChildHandle, type ChildPlace } from './child.process.js';
import { findHostPaths, type HostPaths, packageDirectories } from './host.paths.js';
import type { Launch } from './launch.js';
import type { Walls } from './layers.js';
import { resourceLimits } from './limits.js';
import { nodeArguments, permissionArguments } from './node.arguments.js';
import type { PluginCode, PluginPermissions } from './plugin.code.js';

/** Milliseconds that a new child has to say that it is ready. */
const READY_MS = 10_000;

/** The values of those of the named variables that are set. */
export type Variables = (names: readonly string[]) => Readonly<Record<string, string>>;

/** Starts children, each with no more than its plugin's manifest asks for. */
export class Launcher {
  private readonly host: HostPaths = findHostPaths();

  /** @param variablesFor gives the values of the variables that a manifest names. */
  constructor(
    private readonly variablesFor: Variables,
    readonly walls: Walls,
  ) {}

  /** Resolves when the child can be spoken to. Rejects when it cannot be started; then nothing of it is left. */
  async start(launch: Launch): Promise<ChildHandle> {
    const [command = '', ...args] = this.commandLine(launch);
    const child = spawn(command, args, {
      cwd: launch.directory,
      // Also of the programs that stand above the child: it can read what they were given.
      env: { ...this.variablesFor(launch.plugin.permissions.env), ...surroundings(launch) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // A process that cannot be started ends, too, and that is noticed; but a fault nobody listens to would end us.
    child.on('error', () => {});
    const handle = new ChildHandle(child, this.placeOf(launch));
    await readiness(handle);
    return handle;
  }

  /** Whether a child of this plugin can change nothing in its `in`. */
  keepsInputs({ permissions }: PluginCode): boolean {
    return this.walls.bwrap !== undefined || this.confines(permissions);
  }

  /** Each program starts the next one in its own place, from the outermost wall to the child. */
  private commandLine(launch: Launch): string[] {
    const { prlimit, permission, bwrap } = this.walls;
    const { plugin, directory, limits } = launch;
    const packages = plugin.isAlone ? [] : packageDirectories(plugin.directory);
    const readable = [...this.host.readable, plugin.directory, ...packages];
    const sight = { ...launch, readable: [process.execPath, this.host.manifest, ...readable] };
    return [
      ...(prlimit === undefined ? [] : [prlimit, ...resourceLimits(limits, bwrap !== undefined)]),
      ...(bwrap === undefined ? [] : [bwrap, ...bubblewrap(sight, plugin.permissions)]),
      process.execPath,
      ...(permission ? permissionArguments(launch, readable) : []),
      ...nodeArguments(launch),
      this.host.script,
      plugin.directory,
      directory,
      ...plugin.permissions.exec,
    ];
  }

  private placeOf({ plugin, directory, limits }: Launch): ChildPlace {
    return {
      directory,
      wrapped: this.walls.bwrap !== undefined,
      mayMultiply: !this.confines(plugin.permissions),
      limits: this.walls.watched ? limits : undefined,
    };
  }

  /** Whether Node's permissions hold for all that the plugin does: native code and other programs do not obey them. */
  private confines({ addons, exec }: PluginPermissions): boolean {
    return this.walls.permission && !addons && exec.length === 0;
  }
}

/** The same on every machine, so that a deterministic tool is one. */
function surroundings({ plugin, directory }: Launch): Record<string, string> {
  const temporary = join(directory, 'out');
  return {
    ...(plugin.permissions.exec.length > 0 && { PATH: PROGRAM_DIRECTORIES.join(':') }),
    HOME: temporary,
    TMPDIR: temporary,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  };
}

async function readiness(child: ChildHandle): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('A child did not become ready in time.')), READY_MS);
  let printed = '';
  child.attach({
    heard: ({ type }) =>
      type === 'ready' ? resolve() : reject(new Error(`A child said ${type} before it was ready.`)),
    printed: (_, text) => (printed += text),
    misbehaved: (reason) => reject(new Error(reason)),
    flooded: (reason) => reject(new Error(reason)),
    gone: ({ code, signal }) => reject(new Error(`A child ended at once (${signal ?? code}). ${printed}`)),
  });
  try {
    await promise;
    child.family.locate();
  } catch (error) {
    await child.end();
    throw error;
  } finally {
    clearTimeout(timer);
    child.detach();
  }
}
