import { existsSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { findProgram } from './bubblewrap.js';
import type { ChildHandle } from './child.process.js';
import { Launcher, type Variables } from './launcher.js';
import { type Finding, type Layer, LAYERS, type SandboxMode, WANTED, type Walls } from './layers.js';
import { DEFAULT_CHILD_LIMITS } from './limits.js';
import type { PluginCode } from './plugin.code.js';
import type { WorkDirectory } from './work.directory.js';

/** What a child must not share with us when it is in namespaces of its own. */
const NAMESPACES = ['pid', 'net', 'mnt', 'ipc', 'user'];

const NOT_LINUX = 'Only Linux has it.';
const NO_PRLIMIT = 'prlimit is not installed. Debian has it in the package util-linux.';
const NO_BWRAP = 'bubblewrap is not installed. Debian has it in the package bubblewrap.';
const NO_NAMESPACES =
  'bubblewrap is installed, but this machine does not let it make namespaces. The log has its words.';
const NO_LIMITS = 'prlimit is installed, but cannot set the limits here. The log has its words.';

/** A plugin without tools: its child says that it is ready, and that is all that is asked. */
const NOTHING: Omit<PluginCode, 'directory'> = {
  name: 'probe',
  hash: '',
  tools: [],
  permissions: { net: [], exec: [], env: [], addons: false },
};

export interface Detected {
  readonly launcher: Launcher;
  readonly finding: Finding;
  /** What went wrong with the layers that did not work when they were tried. */
  readonly causes: readonly unknown[];
}

/**
 * Which of the wanted layers this machine has. They are tried: a child is started just as those of plugins will be, and
 * looked at from outside. What does not work is left out, the outermost wall first.
 */
export async function detect(mode: SandboxMode, work: WorkDirectory, variablesFor: Variables): Promise<Detected> {
  const found = wallsFor(WANTED[mode]);
  const causes: unknown[] = [];
  let walls = found;
  while (walls.bwrap !== undefined || walls.prlimit !== undefined) {
    const cause = await faultOf(new Launcher(variablesFor, walls), work);
    if (cause === undefined) break;
    causes.push(cause);
    walls = walls.bwrap === undefined ? { ...walls, prlimit: undefined } : { ...walls, bwrap: undefined };
  }
  return { launcher: new Launcher(variablesFor, walls), finding: findingOf(mode, walls, found), causes };
}

function wallsFor(wanted: readonly Layer[]): Walls {
  const hasTable = existsSync('/proc/self/stat');
  const limits = wanted.includes('limits') && hasTable;
  return {
    watched: limits,
    prlimit: limits ? findProgram('prlimit') : undefined,
    permission: wanted.includes('permission'),
    bwrap: wanted.includes('namespaces') && hasTable ? findProgram('bwrap') : undefined,
  };
}

function findingOf(mode: SandboxMode, walls: Walls, found: Walls): Finding {
  const there: Readonly<Record<Layer, boolean>> = {
    limits: walls.prlimit !== undefined,
    permission: walls.permission,
    namespaces: walls.bwrap !== undefined,
  };
  return {
    mode,
    layers: LAYERS.filter((layer) => there[layer]),
    missing: Object.fromEntries(
      WANTED[mode].flatMap((layer) => (there[layer] ? [] : [[layer, whyMissing(layer, found)]])),
    ),
  };
}

function whyMissing(layer: Layer, { prlimit, bwrap }: Walls): string {
  if (process.platform !== 'linux') return NOT_LINUX;
  if (layer === 'limits') return prlimit === undefined ? NO_PRLIMIT : NO_LIMITS;
  return bwrap === undefined ? NO_BWRAP : NO_NAMESPACES;
}

/** What keeps a child from starting, or from being alone. */
async function faultOf(launcher: Launcher, work: WorkDirectory): Promise<unknown> {
  const directory = work.forChild();
  const plugin = { ...NOTHING, directory };
  try {
    const child = await launcher.start({ plugin, limits: DEFAULT_CHILD_LIMITS, directory, writable: true });
    const shared = launcher.walls.bwrap === undefined ? [] : sharedNamespaces(child);
    await child.end();
    return shared.length > 0 ? new Error(`A child shares namespaces with us: ${shared.join(', ')}.`) : undefined;
  } catch (error) {
    return error;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function sharedNamespaces({ family }: ChildHandle): string[] {
  return NAMESPACES.filter(
    (name) => readlinkSync(`/proc/self/ns/${name}`) === readlinkSync(`/proc/${family.tool}/ns/${name}`),
  );
}
