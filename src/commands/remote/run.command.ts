import { Command, InvalidArgumentError } from 'commander';
import type { Tool, Toolyard } from '../../client/index.js';
import { EXIT, exitCodeOf, UsageError } from './exit.codes.js';
import { type Destination, expand, inputAt, save } from './run.files.js';
import { barReport, lineReport, type RunReport } from './run.report.js';
import { connect } from './stored.login.js';
import { addToolFlags, toolOptions } from './tool.flags.js';

/** Several files of a tool that takes one at a time. */
const AT_A_TIME = 4;

interface Flags {
  readonly output?: string;
  readonly force?: true;
  readonly each?: true;
  readonly json?: true;
  readonly options?: Record<string, unknown>;
  readonly tag?: string;
  readonly priority?: string;
}

/** `toolyard run`: which flags there are is known when the server has told what the tool takes. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .argument('[tool]')
    .argument('[rest...]')
    .usage('<tool> [files...] [options]')
    .description('run a tool on files; run <tool> --help tells its options')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (name: string | undefined, rest: string[]) => {
      if (name === undefined || name.startsWith('-'))
        throw new UsageError('The tool comes first: toolyard run <tool> [files...]. See toolyard tools.');
      const toolyard = await connect();
      await commandFor(toolyard, await toolyard.tool(name)).parseAsync(rest, { from: 'user' });
    });
}

function commandFor(toolyard: Toolyard, tool: Tool): Command {
  const command = new Command(`toolyard run ${tool.name}`).argument('[files...]', filesHelp(tool));
  command.description(tool.description).showHelpAfterError('(--help tells the options)').exitOverride(asUsage);
  addToolFlags(command, tool);
  return command
    .option('-o, --output <path>', 'a file or a directory for the result; - is the standard output')
    .option('-f, --force', 'overwrite a file that is called as the result is')
    .option('--each', 'one task for each file, also of a tool that takes several')
    .option('--options <json>', 'all options of the tool at once, as JSON', asObject)
    .option('--tag <tag>', 'a word of your own to find the task by')
    .option('--priority <number>', '0 to 9; a higher one runs first')
    .option('--json', 'tell one JSON document a line, as when the output is no terminal')
    .action((files: string[], flags: Flags) => runAll(toolyard, tool, files, flags));
}

async function runAll(toolyard: Toolyard, tool: Tool, files: readonly string[], flags: Flags): Promise<void> {
  const groups = groupsOf(await expand(files), tool, flags);
  const destination = {
    output: flags.output,
    isMany: groups.length > 1,
    force: flags.force === true,
    taken: new Set<string>(),
  };
  if (destination.isMany && flags.output === '-') throw new UsageError('Several results do not fit into one output.');
  const interrupted = new AbortController();
  const stop = () => interrupted.abort(new Error('It was interrupted; the task is cancelled.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const report = reportFor(flags);
  const wanted: Wanted = { toolyard, tool, flags, destination, report, signal: interrupted.signal };
  const codes: number[] = [];
  const work = async () => {
    for (let group = groups.shift(); group; group = groups.shift()) codes.push(await runOne(wanted, group));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  process.off('SIGINT', stop).off('SIGTERM', stop);
  process.exitCode = interrupted.signal.aborted ? EXIT.interrupted : Math.max(...codes);
}

interface Wanted {
  readonly toolyard: Toolyard;
  readonly tool: Tool;
  readonly flags: Flags;
  readonly destination: Destination;
  readonly report: RunReport;
  readonly signal: AbortSignal;
}

async function runOne(wanted: Wanted, paths: readonly string[]): Promise<number> {
  const { toolyard, tool, flags, destination, report, signal } = wanted;
  const run = { label: paths.join(', ') };
  try {
    signal.throwIfAborted();
    const inputs = await Promise.all(paths.map(inputAt));
    const options = { ...flags.options, ...toolOptions(tool, { ...flags }) };
    const result = await toolyard.run(tool.name, inputs, options, {
      signal,
      tag: flags.tag,
      priority: flags.priority === undefined ? undefined : Number(flags.priority),
      onProgress: (progress) => report.progress(run, progress),
    });
    const isData = result.task.outputs.length === 0 && destination.output === undefined;
    if (isData) await result.stream.cancel();
    const where = isData ? JSON.stringify(result.task.data) : await save(result, destination);
    report.done(run, result, isData && !isForPeople(flags) ? '' : where);
    return 0;
  } catch (error) {
    report.failed(run, error);
    return exitCodeOf(error);
  }
}

function groupsOf(paths: readonly string[], { limits }: Tool, { each }: Flags): string[][] {
  if (paths.length > 1 && (each || limits.max_inputs === 1)) return paths.map((path) => [path]);
  return [[...paths]];
}

function isForPeople({ json }: Flags): boolean {
  return json === undefined && process.stdout.isTTY;
}

/** Where the result itself goes to the standard output, its news do not. */
function reportFor(flags: Flags): RunReport {
  if (isForPeople(flags)) return barReport(process.stderr);
  const stream = flags.output === '-' ? process.stderr : process.stdout;
  return lineReport((line) => stream.write(`${line}\n`));
}

function filesHelp({ input_formats: formats, limits }: Tool): string {
  if (formats.length === 0 || limits.max_inputs === 0) return 'none: this tool takes no files';
  return `${formats.join(', ')}; names or patterns`;
}

function asObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.startsWith('{') ? text : '0');
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new InvalidArgumentError('It is a JSON object.');
}

/** commander writes the words itself. */
function asUsage({ exitCode }: { exitCode: number }): never {
  process.exit(exitCode === 0 ? 0 : EXIT.usage);
}
