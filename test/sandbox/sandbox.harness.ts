import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/config.load.js';
import type { SandboxMode } from '../../src/sandbox/layers.js';
import type { ChildLimits } from '../../src/sandbox/limits.js';
import type { RunRequest } from '../../src/sandbox/messages.js';
import type { Outcome } from '../../src/sandbox/outcome.js';
import type { PluginCode } from '../../src/sandbox/plugin.code.js';
import { readProcesses } from '../../src/sandbox/process.table.js';
import type { LogLine, Progress, RunOptions } from '../../src/sandbox/run.js';
import { obtainBinary } from '../servers/obtain-binary.ts';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import type { Slot } from '../../src/sandbox/slot.js';

const PLUGINS = fileURLToPath(new URL('plugins', import.meta.url));
/** What children of these tests may use. */
export const SMALL: ChildLimits = { memoryMb: 128, cpuMs: 20_000, workspaceBytes: 64 * 1024 ** 2 };

/** A new directory, without links in its path. Whoever asked for it removes it. */
export async function temporaryDirectory(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'toolyard-sandbox-')));
}

export function pluginNamed(
  name: 'good' | 'hostile',
  permissions: Partial<PluginCode['permissions']> = {},
): PluginCode {
  return {
    name,
    hash: JSON.stringify(permissions),
    directory: join(PLUGINS, name),
    tools: name === 'good' ? ['copy.tool.ts', 'echo.tool.ts', 'work.tool.ts'] : ['hostile.tool.ts'],
    permissions: { net: [], exec: [], env: [], addons: false, ...permissions },
  };
}

/** A plugin far away from the platform's own files, with tools made from their source. */
export async function pluginOf(directory: string, sources: Readonly<Record<string, string>>): Promise<PluginCode> {
  await writeFile(join(directory, 'package.json'), '{ "name": "made", "type": "module" }');
  for (const [name, source] of Object.entries(sources)) await writeFile(join(directory, name), source);
  return { ...pluginNamed('good'), name: 'made', directory, tools: Object.keys(sources) };
}

/** What a worker does for a run: an `in` and an `out` of its own. */
export async function stage(slot: Slot, request: Partial<RunRequest> & { readonly tool: string }): Promise<RunRequest> {
  const workspace = join(slot.directory, 'out', crypto.randomUUID());
  await mkdir(workspace);
  return { inputs: [], options: {}, workspace, ...request };
}

/** A run, and the end of its workspace. */
export async function perform(
  slot: Slot,
  wanted: Partial<RunRequest> & { readonly tool: string },
  options = unhurried,
): Promise<Outcome> {
  const request = await stage(slot, wanted);
  const outcome = await slot.run(request, options);
  await rm(request.workspace, { recursive: true });
  return outcome;
}

export const unhurried: RunOptions = { totalMs: 20_000, idleMs: 20_000, signal: new AbortController().signal };

/** Options that keep what is told, to be looked at afterwards. */
export function recording(options: Partial<RunOptions> = {}): RunOptions & { progress: Progress[]; log: LogLine[] } {
  const progress: Progress[] = [];
  const log: LogLine[] = [];
  return {
    ...unhurried,
    onProgress: (word) => progress.push(word),
    onLog: (line) => log.push(line),
    ...options,
    progress,
    log,
  };
}

/** The layers, added one by one. Strict, because auto would pass over what is missing. */
export const TESTED_MODES = ['process', 'permission', 'strict'] as const;
export type TestedMode = (typeof TESTED_MODES)[number];

export function obtainBubblewrap(): Promise<string> {
  return obtainBinary({ name: 'bwrap', server: 'Bubblewrap', package: 'bubblewrap' });
}

/** A sandbox in a temporary directory. */
export class TestSandbox {
  private constructor(
    readonly sandbox: Sandbox,
    readonly directory: string,
  ) {}

  static async open(mode: SandboxMode = 'auto'): Promise<TestSandbox> {
    const directory = await temporaryDirectory();
    const config = loadConfig({ DATA_DIR: directory, WORKER_CONCURRENCY: '2', SANDBOX: mode });
    return new TestSandbox(new Sandbox(config), directory);
  }

  /** With just these layers. Throws, with the reason, when this machine does not have them. */
  static async behind(mode: TestedMode): Promise<TestSandbox> {
    if (mode === 'strict') await obtainBubblewrap();
    const yard = await TestSandbox.open(mode);
    await yard.sandbox.onModuleInit();
    return yard;
  }

  acquire(plugin: PluginCode, limits: Partial<ChildLimits> = {}): Promise<Slot> {
    return this.sandbox.acquire(plugin, { ...SMALL, ...limits });
  }

  /** One run in a slot that is released afterwards. */
  async run(
    plugin: PluginCode,
    request: Partial<RunRequest> & { readonly tool: string },
    options = unhurried,
    limits: Partial<ChildLimits> = {},
  ): Promise<Outcome & { readonly pid: number }> {
    const slot = await this.acquire(plugin, limits);
    const outcome = await perform(slot, request, options);
    slot.release();
    return { ...outcome, pid: slot.pid ?? 0 };
  }

  async close(): Promise<void> {
    await this.sandbox.onApplicationShutdown();
    await rm(this.directory, { recursive: true });
  }
}

/** Whether any process of the group is still there, and not just waiting to be collected. */
export function groupLives(pid: number): boolean {
  return readProcesses().some(({ group }) => group === pid);
}
