import { readdir } from 'node:fs/promises';
import { withUsableOptions } from '../plugins/options/described.options.js';
import type { Plugin } from '../plugins/plugin.loader.js';
import { stemOf } from '../plugins/tool.file.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Description, ToolDescription } from '../sandbox/tool.description.js';
import { type CaseFile, type FileFault, readCases, type WrittenCase } from './case.file.js';

/** A case, and the tool that it is about. */
export interface Planned {
  readonly file: string;
  readonly tool: ToolDescription;
  readonly written: WrittenCase;
}

/** What there is to run of a plugin, and what keeps the rest from being run. */
export interface Plan {
  readonly description: Description;
  readonly planned: readonly Planned[];
  readonly faults: readonly FileFault[];
}

/** Asks a plugin for its tools, and reads its cases. Rejects only when no child can be started at all. */
export async function planCases(plugin: Plugin, sandbox: Sandbox): Promise<Plan> {
  const [description, files] = await Promise.all([
    sandbox.describe(plugin.code).then(withUsableOptions),
    readdir(plugin.code.directory).then((names) => readCases(plugin, sandbox, names.toSorted())),
  ]);
  const faults: FileFault[] = description.faults.map(({ file, reason }) => ({
    file: file ?? 'package.json',
    line: null,
    reason,
  }));
  const planned = files.flatMap((file) => {
    faults.push(...file.faults);
    const tool = toolOf(file, description);
    if (!tool) faults.push({ file: file.file, line: null, reason: `There is no tool called ${file.stem} here.` });
    return tool ? file.cases.map((written) => ({ file: file.file, tool, written })) : [];
  });
  return { description, planned, faults };
}

function toolOf({ stem }: CaseFile, { tools }: Description): ToolDescription | undefined {
  return tools.find(({ file, name }) => stemOf(file) === stem || name === stem);
}
