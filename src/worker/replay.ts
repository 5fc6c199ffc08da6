import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { FilesService } from '../files/files.service.js';
import { childLimits } from '../sandbox/limits.js';
import type { Outcome } from '../sandbox/outcome.js';
import { Sandbox } from '../sandbox/sandbox.js';
import type { Slot } from '../sandbox/slot.js';
import { storable } from '../sandbox/tool.data.js';
import { type FoundOutput, Workspace } from '../sandbox/workspace.js';
import { dataHash } from '../tasks/receipts/receipt.document.js';
import type { Task } from '../tasks/task.entity.js';
import type { Tool } from '../tools/tool.js';
import { ToolRegistry } from '../tools/tool.registry.js';

/** What the same run made this time. */
export interface Replayed {
  /** Of the plugin that ran now. */
  readonly toolVersion: string;
  readonly toolHash: string;
  /** SHA-256 of each output, in their order. */
  readonly outputs: readonly string[];
  readonly data: string | null;
  /** Why it did not end well: the tool's own code, or how it ended. */
  readonly failure: string | null;
}

/** Runs a task once more, beside everything: no row is changed, and nothing that it makes is kept. */
@Injectable()
export class Replay {
  constructor(
    private readonly config: Config,
    private readonly tools: ToolRegistry,
    private readonly sandbox: Sandbox,
    private readonly files: FilesService,
  ) {}

  /** @throws Problem `tool_not_found` or `tool_unavailable`; KeyNotFound when an input is gone */
  async run(task: Task): Promise<Replayed> {
    const tool = this.tools.usable(task.tool);
    const slot = await this.sandbox.acquire(tool.plugin, childLimits(tool.limits));
    try {
      return { toolVersion: tool.version, toolHash: tool.plugin.hash, ...(await this.runIn(slot, tool, task)) };
    } finally {
      slot.release();
    }
  }

  private async runIn(slot: Slot, tool: Tool, task: Task): Promise<Omit<Replayed, 'toolVersion' | 'toolHash'>> {
    await using workspace = new Workspace(slot, randomUUID());
    const inputs = await workspace.stage(this.files, task.inputs);
    const request = { id: task.id, tool: tool.file, inputs, options: task.options, workspace: workspace.path };
    const outcome = await slot.run(request, {
      totalMs: Math.min(tool.limits.totalMs, this.config.TASK_TIMEOUT_MS),
      idleMs: tool.limits.idleMs,
      signal: new AbortController().signal,
      onProgress: () => {},
      onLog: () => {},
    });
    if (outcome.type !== 'done') return { outputs: [], data: null, failure: failureOf(outcome) };
    const found = await workspace.outputs(outcome.outputs, tool.limits.maxOutputBytes);
    const outputs = [];
    for (const output of found) outputs.push(await sha256(output));
    return { outputs, data: dataHash(storable(outcome.data ?? null)), failure: null };
  }
}

function failureOf(outcome: Exclude<Outcome, { type: 'done' }>): string {
  return outcome.type === 'tool_error' ? outcome.code : outcome.type;
}

async function sha256(output: FoundOutput): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of output.chunks()) hash.update(chunk);
  return hash.digest('hex');
}
