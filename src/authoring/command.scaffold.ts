import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { loadPlugin, type Plugin } from '../plugins/plugin.loader.js';
import { installLine } from '../plugins/programs.js';
import { findProgram } from '../sandbox/bubblewrap.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { fixturePath, given } from '../trials/fixture.js';
import { type Ended, tryOut } from '../trials/trial.js';
import type { Blueprint } from './blueprint.js';
import { type CommandLine, readCommandLine } from './command.line.js';
import { type ExampleFile, exampleFor } from './example.files.js';
import { sharedValues } from './scaffold.js';
import { filled, refuseUnlessEmpty, type Values, writeFiles } from './template.js';

/** What the first case of a new tool can expect. */
type Expected = Readonly<Record<string, unknown>>;

/**
 * Writes a plugin around a program, from a command that works: the command is run here, in the sandbox, and the first
 * case expects what came of it. Where the program is not on this machine, nothing is tried, and the case says less.
 *
 * @param examples files to run it on, in the order in which the command names its inputs
 * @returns what was written, by path
 * @throws Error when the command fails; then nothing is left
 */
export async function scaffoldCommand(
  folder: string,
  blueprint: Blueprint & { readonly command: string; readonly examples: readonly string[] },
  sandbox: Sandbox,
): Promise<string[]> {
  await refuseUnlessEmpty(folder);
  const line = readCommandLine(blueprint.command, existsSync);
  const files = await Promise.all(line.inputs.map((path, index) => exampleFor(blueprint.examples[index] ?? path)));
  const values = { ...(await sharedValues(blueprint, permissions(line))), ...commandValues(line, files) };
  const isHere = findProgram(line.program) !== undefined;
  const found = isHere ? await attempt({ values, files, line, sandbox, name: blueprint.name }) : guess(line);
  const written = await allFiles({ ...values, ...found }, files);
  await writeFiles(folder, written);
  return [...written.keys()].toSorted();
}

function permissions({ program }: CommandLine) {
  const kind = { ending: 'yaml', permissions: { exec: [program] } };
  return { ...kind, packages: ['bubblewrap', installLine(program).replace('apt-get install ', '')] };
}

function commandValues({ program, args, inputs, output }: CommandLine, files: readonly ExampleFile[]): Values {
  const result = output === undefined ? [] : [{ file: `result${extname(output)}`, name: `{name}${extname(output)}` }];
  return {
    program,
    args,
    outputs: result,
    stdout: output === undefined ? 'text' : 'ignore',
    maxInputs: inputs.length,
    fixtures: files.map(({ name }) => name),
    example: files.map(({ name }) => name).join(' '),
    inputFormats: inputs.length === 0 ? [] : ['*/*'],
    outputFormats: [],
    expect: {},
  };
}

interface Attempt {
  readonly values: Values;
  readonly files: readonly ExampleFile[];
  readonly line: CommandLine;
  readonly sandbox: Sandbox;
  readonly name: string;
}

/** Runs the tool as it would stand there, twice: what differs is nothing that a case can expect. */
async function attempt({ values, files, line, sandbox, name }: Attempt): Promise<Values> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-new-')));
  try {
    const folder = join(home, name);
    await writeFiles(folder, await allFiles(values, files));
    const plugin = await loadPlugin(dirname(folder), basename(folder));
    if ('reason' in plugin) throw new Error(`The new plugin ${plugin.reason}.`);
    const [once, again] = [await runOnce(plugin, files, sandbox, home), await runOnce(plugin, files, sandbox, home)];
    const given = await inputsOf(plugin, files);
    return {
      inputFormats: [...new Set(given.map(({ type }) => type))],
      outputFormats: [...new Set(once.outputs.map(({ type }) => type))],
      expect: expectation(once, again, line),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runOnce(
  plugin: Plugin,
  files: readonly ExampleFile[],
  sandbox: Sandbox,
  directory: string,
): Promise<Ended> {
  const { tools, faults } = await sandbox.describe(plugin.code);
  const [tool] = tools;
  if (!tool) throw new Error(`The command cannot be a tool: ${faults.map(({ reason }) => reason).join(' ')}`);
  const inputs = await inputsOf(plugin, files);
  const ended = await tryOut(sandbox, { plugin: plugin.code, tool, inputs, options: {} }, directory);
  if (ended.status === 'completed') return ended;
  const words = [ended.error?.message, ended.detail, ended.log].filter(Boolean).join('\n');
  throw new Error(`The command was tried in the sandbox and failed. ${words}`);
}

function inputsOf({ code }: Plugin, files: readonly ExampleFile[]) {
  return Promise.all(files.map(async ({ name }) => given(await fixturePath(code.directory, name), name)));
}

function expectation(once: Ended, again: Ended, { output }: CommandLine): Expected {
  const isSteady = JSON.stringify(once.data) === JSON.stringify(again.data) && once.data !== null;
  if (output === undefined) return isSteady ? { data: once.data } : { status: 'completed' };
  return { outputs: once.outputs.map(({ name, type }) => ({ name, type, bytes: { min: 1 } })) };
}

/** Of a command that nobody can try here. */
function guess({ output }: CommandLine): Values {
  const expect = output === undefined ? { status: 'completed' } : { outputs: [{ bytes: { min: 1 } }] };
  return { expect, outputFormats: output === undefined ? [] : ['application/octet-stream'] };
}

async function allFiles(values: Values, files: readonly ExampleFile[]): Promise<Map<string, string | Uint8Array>> {
  const fixtures = files.map(({ name, bytes }) => [`fixtures/${name}`, bytes] as const);
  return new Map<string, string | Uint8Array>([
    ...(await filled('shared', values)),
    ...(await filled('command', values)),
    ...fixtures,
  ]);
}
