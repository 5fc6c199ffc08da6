import { readFile } from 'node:fs/promises';
import { Problem } from '../../errors/problem.js';
import type { Options } from '../../plugins/options/tool.options.js';
import type { Plugin } from '../../plugins/plugin.loader.js';
import { missingNeed } from '../../plugins/needs.js';
import type { PluginCode } from '../../sandbox/plugin.code.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { ToolDescription } from '../../sandbox/tool.description.js';
import { acceptOptions } from '../acceptance.js';
import { fixturePath, given } from '../fixture.js';
import { type Planned, planCases } from '../case.plan.js';
import type { Base } from './attempt.js';
import { type Torture, tortureTool } from './tool.torture.js';
import { reportOf, type ToolResult, type TortureReport } from './torture.report.js';
import { WarmChild } from './warm.child.js';

export interface TortureSelection extends Torture {
  /** The only tool. Undefined: all. */
  readonly tool?: string | undefined;
}

/** Tools at the same time: one waits for its children while the other works. */
const AT_ONCE = 2;

interface Victim {
  readonly plugin: Plugin;
  readonly tool: ToolDescription;
  readonly cases: readonly Planned[];
}

/**
 * Does to the tools of these plugins what no author writes a case for. Each begins with the first of its cases that
 * completes. Rejects only when no child can be started at all.
 *
 * @param onResult told each tool when it is done
 */
export async function torturePlugins(
  plugins: readonly Plugin[],
  sandbox: Sandbox,
  selection: TortureSelection,
  onResult: (result: ToolResult) => void = () => {},
): Promise<TortureReport> {
  const since = performance.now();
  const all = (await Promise.all(plugins.map((plugin) => victimsOf(plugin, sandbox)))).flat();
  const victims = all.filter(({ tool }) => selection.tool === undefined || tool.name === selection.tool);
  const results: ToolResult[] = [];
  const queue = victims.values();
  const work = async () => {
    for (const victim of queue) {
      const result = await tortured(victim, sandbox, selection);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const place = ({ tool }: ToolResult) => victims.findIndex((victim) => victim.tool.name === tool);
  return reportOf(
    selection.seed,
    results.toSorted((a, b) => place(a) - place(b)),
    Math.round(performance.now() - since),
  );
}

async function victimsOf(plugin: Plugin, sandbox: Sandbox): Promise<Victim[]> {
  const { description, planned } = await planCases(plugin, sandbox);
  return description.tools.map((tool) => ({
    plugin,
    tool,
    cases: planned.filter((one) => one.tool.name === tool.name && one.written.expect.status === 'completed'),
  }));
}

async function tortured({ plugin, tool, cases }: Victim, sandbox: Sandbox, torture: Torture): Promise<ToolResult> {
  const known = {
    plugin: plugin.code.name,
    tool: tool.name,
    base: null,
    skipped: null,
    classes: {},
    faults: [],
    ms: 0,
  };
  const missing = missingNeed(tool, plugin.code.permissions);
  if (missing !== undefined) return { ...known, skipped: missing };
  const since = performance.now();
  const found = await baseOf(plugin, tool, cases, sandbox);
  if (!found) {
    const fault = {
      class: 'base',
      attempt: 'its cases',
      found: 'It has no case that completes, so nothing can be tried.',
    };
    return { ...known, faults: [fault] };
  }
  const result = await tortureTool(sandbox, found.base, torture);
  return { ...known, ...result, base: found.name, ms: Math.round(performance.now() - since) };
}

/** The first case that completes, run twice: the child is warm at the second time. */
async function baseOf(
  { code: plugin }: Plugin,
  tool: ToolDescription,
  cases: readonly Planned[],
  sandbox: Sandbox,
): Promise<{ readonly name: string; readonly base: Base } | undefined> {
  for (const { written } of cases) {
    const options = acceptable(plugin, tool, written.options);
    if (!options) continue;
    const base = { plugin, tool, inputs: await held(plugin.directory, written.inputs), options, ms: 0 };
    const child = new WarmChild(sandbox, base);
    const isGood = (await child.attempt({ what: 'first' })).ending === 'completed';
    const { ms } = isGood ? await child.attempt({ what: 'again' }) : base;
    child.close();
    if (isGood) return { name: written.name, base: { ...base, ms } };
  }
  return undefined;
}

function acceptable(plugin: PluginCode, tool: ToolDescription, options: Options): Options | undefined {
  try {
    return acceptOptions(plugin, tool, options);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

async function held(directory: string, inputs: Planned['written']['inputs']) {
  const files = [];
  for (const { file, name } of inputs) {
    const path = await fixturePath(directory, file);
    const { type } = await given(path, name);
    files.push({ name, type, bytes: await readFile(path) });
  }
  return files;
}
