import { copyFile, open } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Problem } from '../errors/problem.js';
import { safeName } from '../files/file-name.js';
import { Intake } from '../files/intake.js';
import type { PluginCode } from '../sandbox/plugin.code.js';
import { childLimits } from '../sandbox/limits.js';
import type { Outcome } from '../sandbox/outcome.js';
import type { LogLine } from '../sandbox/run.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Slot } from '../sandbox/slot.js';
import { lateError, limitError } from '../sandbox/stopped.error.js';
import { storable } from '../sandbox/tool.data.js';
import { type FileSource, type FoundOutput, type GivenFile, Workspace } from '../sandbox/workspace.js';
import { writeChunks } from '../storage/chunks.js';
import { LastWords } from './last.words.js';
import { acceptOptions, refuse, type TriedTool } from './acceptance.js';

/** One run of a tool, as a request would ask for it. */
export interface Request {
  readonly plugin: PluginCode;
  readonly tool: TriedTool;
  /** `file_id` is the absolute path of the file. */
  readonly inputs: readonly GivenFile[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A request that was accepted. */
interface Accepted extends Request {
  readonly onLog: (line: LogLine) => void;
}

/** A file that a tool made, taken out of its workspace. */
export interface MadeFile {
  readonly path: string;
  readonly name: string;
  /** Detected from its bytes. */
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a task would say after the run. */
export interface Ended {
  readonly status: 'completed' | 'failed';
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What only the operator and the author see of a crash or a limit. */
  readonly detail: string | null;
  /** The end of what the tool logged and printed, for its author. */
  readonly log: string | null;
  readonly data: unknown;
  readonly outputs: readonly MadeFile[];
}

/** Inputs of trials are files on this machine's disk; tools get copies. */
export const LOCAL_FILES: FileSource = { link: (path, to) => copyFile(path, to) };

/**
 * Runs a tool as a worker does: accepted, staged, held to its limits, collected, and the workspace emptied.
 *
 * @param directory where the outputs go; whoever gave it removes it
 */
export async function tryOut(sandbox: Sandbox, request: Request, directory: string): Promise<Ended> {
  const { plugin, tool, inputs } = request;
  const { limits } = tool;
  const words = new LastWords();
  const told = (ended: Ended): Ended => ({ ...ended, log: words.text });
  try {
    const options = acceptOptions(plugin, tool, request.options);
    const accepted = { ...request, options, onLog: (line: LogLine) => words.hear(line) };
    refuse(tool, inputs);
    const first = await runWith(sandbox, accepted, limits.memoryMb, directory);
    const isRetried = first.error?.code === 'tool_out_of_memory' && limits.retryMemoryMb !== undefined;
    if (!isRetried) return told(first);
    return told(await runWith(sandbox, accepted, limits.retryMemoryMb ?? limits.memoryMb, directory));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return told(failed(error.code, error.message));
  }
}

async function runWith(sandbox: Sandbox, request: Accepted, memoryMb: number, directory: string): Promise<Ended> {
  const slot = await sandbox.acquire(request.plugin, childLimits({ ...request.tool.limits, memoryMb }));
  try {
    return await runIn(slot, request, directory);
  } finally {
    slot.release();
  }
}

async function runIn(slot: Slot, { tool, inputs, options, onLog }: Accepted, directory: string): Promise<Ended> {
  await using workspace = new Workspace(slot, randomUUID());
  const staged = await workspace.stage(LOCAL_FILES, inputs);
  const outcome = await slot.run(
    { tool: tool.file, inputs: staged, options, workspace: workspace.path },
    { totalMs: tool.limits.totalMs, idleMs: tool.limits.idleMs, signal: new AbortController().signal, onLog },
  );
  if (outcome.type !== 'done') return judged(outcome);
  const data = storable(outcome.data ?? null);
  const found = await workspace.outputs(outcome.outputs, tool.limits.maxOutputBytes);
  const outputs = [];
  for (const output of found) outputs.push(await collect(output, directory));
  return { status: 'completed', error: null, detail: null, log: null, data, outputs };
}

async function collect(output: FoundOutput, directory: string): Promise<MadeFile> {
  const path = join(directory, randomUUID());
  const intake = new Intake({ maxBytes: output.size });
  try {
    await using file = await open(path, 'wx', 0o600);
    await writeChunks(file, intake.watch(output.chunks()));
    const { type, extension, size, sha256 } = await intake.result();
    return { path, name: safeName(output.name, extension), type, size, sha256 };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'file_empty') throw error;
    throw new Problem('output_invalid', 'The tool made an empty file.', { cause: error });
  }
}

function judged(outcome: Exclude<Outcome, { type: 'done' }>): Ended {
  switch (outcome.type) {
    case 'tool_error':
      return failed(outcome.code, outcome.message);
    case 'crashed':
      if (outcome.kind === 'remote') return failed('remote_failed', outcome.reason);
      return failed('tool_crashed', 'The tool crashed.', outcome.reason);
    case 'exceeded': {
      const { code, message } = limitError(outcome);
      return failed(code, message, outcome.reason);
    }
    case 'timed_out':
    case 'stalled': {
      const { code, message } = lateError(outcome.type, outcome.stopped);
      return failed(code, message);
    }
    case 'cancelled':
      return failed('cancelled', 'The run was cancelled.');
    default:
      return outcome satisfies never;
  }
}

function failed(code: string, message: string, detail: string | null = null): Ended {
  return { status: 'failed', error: { code, message }, detail, log: null, data: null, outputs: [] };
}
