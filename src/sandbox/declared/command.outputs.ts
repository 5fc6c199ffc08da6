import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { type OutputFile, ToolError, type ToolRun } from '../../sdk/index.js';
import type { DeclaredOutput } from './declaration.schema.js';

const LONGEST_NAME = 200;

/** The files that a program is meant to leave in the workspace. */
export class CommandOutputs {
  constructor(private readonly declared: readonly DeclaredOutput[]) {}

  /** Directories that the program may write into. */
  async prepare({ workspace }: ToolRun): Promise<void> {
    for (const output of this.declared) if ('directory' in output) await mkdir(join(workspace, output.directory));
  }

  /** Where the program writes the output with this name, or the only one. */
  path({ workspace }: ToolRun, name: string | undefined): string {
    const [only] = this.declared;
    return join(workspace, name ?? (only ? nameOf(only) : ''));
  }

  /** What the program made, in the order of the declaration. @throws ToolError `no_output` */
  async collect(run: ToolRun): Promise<OutputFile[]> {
    const found: OutputFile[] = [];
    for (const output of this.declared) {
      const path = join(run.workspace, nameOf(output));
      const files = 'file' in output ? [path] : await filesIn(path);
      for (const file of files) if (await isFile(file)) found.push({ path: file, name: shownName(output, file, run) });
      if (files.length === 0 || !found.some((one) => files.includes(one.path)))
        throw new ToolError('no_output', `The program made no ${nameOf(output)}.`);
    }
    return found;
  }
}

function nameOf(output: DeclaredOutput): string {
  return 'file' in output ? output.file : output.directory;
}

/** By name, numbers by their value: page-2 comes before page-10. */
async function filesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.toSorted(new Intl.Collator('en', { numeric: true }).compare).map((name) => join(directory, name));
}

async function isFile(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined);
  return entry?.isFile() ?? false;
}

/** `{name}` is the first input's name without its ending, `{file}` the name that the program gave. Both are only shown. */
function shownName(output: DeclaredOutput, path: string, { inputs }: ToolRun): string {
  const file = parse(path).base;
  const name = parse(inputs[0]?.name ?? file).name;
  const shown = (output.name ?? '{file}').replaceAll(/\{(name|file)\}/g, (_, word) => (word === 'name' ? name : file));
  return shown.slice(-LONGEST_NAME).toWellFormed();
}
