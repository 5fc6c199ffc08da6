import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BaseTool, InputFile, ToolResult, ToolRun, z } from '../../src/sdk/index.js';

export interface GivenFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array | string;
}

export interface RunRequest<Options extends z.ZodObject> {
  readonly options?: z.input<Options>;
  readonly inputs?: readonly GivenFile[];
  readonly signal?: AbortSignal;
  /** Called at each report of the tool, before it goes on. */
  readonly onProgress?: (ratio: number) => void;
  /** Another directory than the one made for this run. */
  readonly workspace?: string;
  /** Where the tool's warnings go. */
  readonly warnings?: string[];
}

/** What a run ended with. Its files exist until it is disposed of. */
export interface FinishedRun extends AsyncDisposable {
  readonly result: ToolResult;
  readonly progress: readonly number[];
}

/** Runs a tool as a worker's child does (validate, process, cleanup), but in this process and with nothing around it. */
export async function runTool<Options extends z.ZodObject>(
  tool: BaseTool<Options>,
  request: RunRequest<Options> = {},
): Promise<FinishedRun> {
  const directory = await mkdtemp(join(tmpdir(), 'toolyard-plugin-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const progress: number[] = [];
    const run = await prepare(tool, request, directory, progress);
    const result = await perform(tool, run);
    return { progress, result, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function prepare<Options extends z.ZodObject>(
  tool: BaseTool<Options>,
  { options, inputs = [], signal, onProgress, workspace, warnings }: RunRequest<Options>,
  directory: string,
  progress: number[],
): Promise<ToolRun<z.output<Options>>> {
  await mkdir(join(directory, 'in'));
  await mkdir(join(directory, 'out'));
  return {
    id: 'a-run',
    inputs: await Promise.all(inputs.map((input, index) => stage(input, join(directory, 'in', String(index))))),
    options: tool.options.parse(options ?? {}),
    workspace: workspace ?? join(directory, 'out'),
    signal: signal ?? new AbortController().signal,
    progress: (ratio) => {
      progress.push(ratio);
      onProgress?.(ratio);
    },
    exec: () => Promise.reject(new Error('No program may be run here.')),
    log: { info: () => {}, warn: (message) => warnings?.push(message), error: () => {} },
  };
}

async function stage({ name, type, bytes }: GivenFile, path: string): Promise<InputFile> {
  await writeFile(path, bytes);
  return { path, name, type, size: Buffer.byteLength(bytes) };
}

async function perform<Options extends z.ZodObject>(
  tool: BaseTool<Options>,
  run: ToolRun<z.output<Options>>,
): Promise<ToolResult> {
  try {
    await tool.validate?.(run);
    return await tool.process(run);
  } finally {
    await tool.cleanup?.(run);
  }
}
