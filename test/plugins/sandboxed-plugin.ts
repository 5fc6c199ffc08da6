import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlugins } from '../../src/plugins/plugin.loader.js';
import { childLimits } from '../../src/sandbox/limits.js';
import type { Outcome } from '../../src/sandbox/outcome.js';
import type { PluginCode } from '../../src/sandbox/plugin.code.js';
import type { ToolDescription } from '../../src/sandbox/tool.description.js';
import type { InputFile } from '../../src/sdk/index.js';
import { recording, TestSandbox } from '../sandbox/sandbox.harness.ts';

const PLUGINS = join(import.meta.dirname, '../../plugins');

export interface Given {
  readonly tool: string;
  readonly inputs: readonly { readonly type: string; readonly bytes: Uint8Array | string }[];
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A plugin of the catalogue in the sandbox that it has on a platform, with the limits that its tools ask for. */
export class SandboxedPlugin {
  private constructor(
    private readonly yard: TestSandbox,
    private readonly code: PluginCode,
    private readonly tools: readonly ToolDescription[],
  ) {}

  static async open(name: string): Promise<SandboxedPlugin> {
    const yard = await TestSandbox.behind('strict');
    const found = (await loadPlugins(PLUGINS)).find((plugin) => plugin.folder === name);
    if (found === undefined || !('code' in found)) throw new Error(`There is no plugin ${name}.`);
    const { tools } = await yard.sandbox.describe(found.code);
    return new SandboxedPlugin(yard, found.code, tools);
  }

  /** One run, and the end of all that it left. @param look is called when the run has ended, with its workspace */
  async run(given: Given, look?: (outcome: Outcome, workspace: string) => Promise<void>): Promise<Outcome> {
    const tool = this.tools.find(({ name }) => name === given.tool);
    if (tool === undefined) throw new Error(`There is no tool ${given.tool}.`);
    const slot = await this.yard.sandbox.acquire(this.code, childLimits(tool.limits));
    const workspace = join(slot.directory, 'out', 'test');
    await mkdir(workspace);
    const inputs: InputFile[] = [];
    for (const [index, { type, bytes }] of given.inputs.entries()) {
      const path = join(slot.directory, 'in', String(index));
      await writeFile(path, bytes);
      inputs.push({ path, type, name: `input-${index}`, size: Buffer.byteLength(bytes) });
    }
    const request = { tool: tool.file, inputs, options: given.options ?? {}, workspace };
    try {
      const outcome = await slot.run(request, recording({ totalMs: tool.limits.totalMs, idleMs: tool.limits.idleMs }));
      await look?.(outcome, workspace);
      return outcome;
    } finally {
      await rm(workspace, { recursive: true, force: true });
      for (const { path } of inputs) await rm(path);
      slot.release();
    }
  }

  close(): Promise<void> {
    return this.yard.close();
  }
}
