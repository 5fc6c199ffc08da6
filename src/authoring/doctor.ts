import { isNativeError } from 'node:util/types';
import { BUNDLED } from '../plugins/bundled.js';
import { loadPlugins, type Plugin } from '../plugins/plugin.loader.js';
import { installLine } from '../plugins/programs.js';
import { type Finding, type Layer, LAYERS } from '../sandbox/layers.js';
import { programVersion } from '../sandbox/program.version.js';
import { withSandbox } from '../trials/trial.ground.js';

const OLDEST_NODE = 26;

/** Programs that authors often want, whether or not a plugin that comes with Toolyard does. */
const USUAL = [
  'bwrap',
  'prlimit',
  'qpdf',
  'pdftoppm',
  'tesseract',
  'ffmpeg',
  'heif-convert',
  'chromium',
  'clamd',
  'python3',
];

/** What mends a layer that was tried in vain. */
const LAYER_MENDS: Readonly<Record<Layer, string>> = {
  limits: installLine('prlimit'),
  permission: 'unset SANDBOX',
  namespaces: `${installLine('bwrap')}, and let users make namespaces: docs/sandbox.md`,
};

/** Something that is there or not. */
export interface Check {
  readonly kind: 'node' | 'sandbox' | 'program';
  readonly name: string;
  readonly present: boolean;
  /** Without it no tool runs, or none runs behind walls. */
  readonly essential: boolean;
  readonly version: string | null;
  /** What it is for, or why it is missing. */
  readonly note: string;
  /** The line that mends it; null when nothing is to be mended. */
  readonly mend: string | null;
}

/** Looks at what an author or an operator needs on this machine. Never rejects. */
export async function examine(): Promise<readonly Check[]> {
  const [layers, programs] = await Promise.all([sandboxChecks(), programChecks()]);
  return [nodeCheck(), ...layers, ...programs];
}

function nodeCheck(): Check {
  const version = process.versions.node;
  const present = Number(version.split('.')[0]) >= OLDEST_NODE;
  const note = present ? 'runs the platform and its tools' : `Node ${OLDEST_NODE} is needed`;
  return { kind: 'node', name: 'node', present, essential: true, version, note, mend: present ? null : 'npm ci' };
}

async function sandboxChecks(): Promise<Check[]> {
  try {
    const finding = await withSandbox((sandbox) => sandbox.finding());
    return LAYERS.map((layer) => layerCheck(layer, finding));
  } catch (error) {
    const note =
      isNativeError(error) || error instanceof Error ? error.message : 'No process for tools can be started.';
    return [{ ...LAYER, name: 'process', present: false, essential: true, note, mend: 'npm run build' }];
  }
}

const LAYER = { kind: 'sandbox', version: null } as const;

const PURPOSES: Readonly<Record<Layer, string>> = {
  limits: 'memory, processor time, files and processes are bounded',
  permission: 'Node refuses what the manifest does not name',
  namespaces: 'a tool sees nothing but what is its own',
};

function layerCheck(layer: Layer, { layers, missing }: Finding): Check {
  const present = layers.includes(layer);
  const note = present ? PURPOSES[layer] : (missing[layer] ?? 'It was not asked for.');
  return { ...LAYER, name: layer, present, essential: layer === 'permission', note, mend: mendOf(present, layer) };
}

function mendOf(present: boolean, layer: Layer): string | null {
  return present ? null : LAYER_MENDS[layer];
}

async function programChecks(): Promise<Check[]> {
  const users = usersOfPrograms(await loadPlugins(BUNDLED).catch(() => []));
  const names = [...new Set([...USUAL, ...users.keys()])];
  return Promise.all(names.map((name) => programCheck(name, users.get(name) ?? [])));
}

/** Which plugins that come with Toolyard name a program. */
function usersOfPrograms(found: Awaited<ReturnType<typeof loadPlugins>>): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { folder, code } of found.filter((item): item is Plugin => 'code' in item))
    for (const program of code.permissions.exec) users.set(program, [...(users.get(program) ?? []), folder]);
  return users;
}

async function programCheck(name: string, users: readonly string[]): Promise<Check> {
  const version = await programVersion(name);
  const present = version !== undefined;
  const note = noteOf(name, users);
  const mend = present ? null : installLine(name);
  return { kind: 'program', name, present, essential: false, version: version ?? null, note, mend };
}

function noteOf(name: string, users: readonly string[]): string {
  if (name === 'bwrap' || name === 'prlimit') return 'for the sandbox';
  return users.length > 0 ? `for ${users.join(', ')}` : 'for plugins of your own';
}
