import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/config.load.js';
import type { RunRequest } from '../../src/sandbox/messages.js';
import type { Outcome } from '../../src/sandbox/outcome.js';
import type { PluginCode } from '../../src/sandbox/plugin.code.js';
import type { LogLine, Progress, RunOptions } from '../../src/sandbox/run.js';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import type { Slot } from '../../src/sandbox/slot.js';

const PLUGINS = fileURLToPath(new URL('plugins', import.meta.url));
const MEMORY_MB = 128;

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

/** A sandbox in a temporary directory. */
export class TestSandbox {
  private constructor(
    readonly sandbox: Sandbox,
    readonly directory: string,
  ) {}

  static async open(): Promise<TestSandbox> {
    const directory = await temporaryDirectory();
    return new TestSandbox(new Sandbox(loadConfig({ DATA_DIR: directory, WORKER_CONCURRENCY: '2' })), directory);
  }

  acquire(plugin: PluginCode): Promise<Slot> {
    return this.sandbox.acquire(plugin, MEMORY_MB);
  }

  /** One run in a slot that is released afterwards. */
  async run(
    plugin: PluginCode,
    request: Partial<RunRequest> & { readonly tool: string },
    options = unhurried,
  ): Promise<Outcome & { readonly pid: number }> {
    const slot = await this.acquire(plugin);
    const outcome = await slot.run(await stage(slot, request), options);
    slot.release();
    return { ...outcome, pid: slot.pid ?? 0 };
  }

  async close(): Promise<void> {
    await this.sandbox.onApplicationShutdown();
    await rm(this.directory, { recursive: true });
  }
}

/** Whether any process of the group is still there. */
export function groupLives(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}
