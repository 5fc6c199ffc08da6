import {
  BaseTool,
  type ExecOptions,
  type ExecResult,
  ToolError,
  type ToolResult,
  type ToolRun,
} from '../../sdk/index.js';
import { ArgumentChecks } from './argument.checks.js';
import { ARGUMENT_TEXT, CommandArguments } from './command.arguments.js';
import { endOf } from './command.exit.js';
import { CommandOutputs } from './command.outputs.js';
import type { ReadDeclaration } from './declaration.js';
import { optionsSchema } from './declaration.options.js';
import type { CommandDeclaration } from './declaration.schema.js';
import { limitsOf } from './declared.limits.js';

const LAST_WORDS = 2_000;

/** A program of the system as a tool: one run starts it once, with arguments as the declaration says, and no shell. */
export class CommandTool extends BaseTool {
  readonly name = this.declaration.name;
  readonly title = this.declaration.title;
  readonly description = this.declaration.description;
  override readonly category = this.declaration.category;
  override readonly keywords = this.declaration.keywords;
  override readonly stage = this.declaration.stage;
  readonly inputFormats = this.declaration.input_formats;
  readonly outputFormats = this.declaration.output_formats;
  override readonly requires = [this.declaration.command.program];
  override readonly deterministic = this.declaration.deterministic;
  override readonly shareable = this.declaration.shareable;
  override readonly limits = quietLimits(this.declaration);
  readonly options = optionsSchema(this.declaration.options, ARGUMENT_TEXT);
  private readonly args: CommandArguments;
  private readonly outputs: CommandOutputs;

  /** @throws ToolFault */
  constructor(
    private readonly declaration: CommandDeclaration,
    fault: ReadDeclaration['fault'],
  ) {
    super();
    this.args = new CommandArguments(declaration.command.args, new ArgumentChecks(declaration, fault));
    this.outputs = new CommandOutputs(declaration.outputs);
  }

  async process(run: ToolRun): Promise<ToolResult> {
    await this.outputs.prepare(run);
    const args = this.args.lineFor({
      inputs: run.inputs.map(({ path }) => path),
      output: (name) => this.outputs.path(run, name),
      options: run.options,
    });
    const { stdout } = await this.execute(run, args);
    return { outputs: await this.outputs.collect(run), data: this.data(stdout) };
  }

  private async execute(run: ToolRun, args: readonly string[]): Promise<ExecResult> {
    try {
      return await run.exec(this.declaration.command.program, args, this.listening(run));
    } catch (error) {
      const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
      if (words !== '') run.log.warn(words.slice(-LAST_WORDS));
      return endOf(error, this.declaration);
    }
  }

  private listening({ progress }: ToolRun): ExecOptions {
    if (this.declaration.command.progress === undefined) return {};
    const pattern = new RegExp(this.declaration.command.progress, 'u');
    return {
      onLine: (line) => {
        const percent = Number(pattern.exec(line)?.[1]);
        if (percent >= 0) progress(percent / 100);
      },
    };
  }

  private data(stdout: string): unknown {
    if (this.declaration.command.stdout === 'ignore') return undefined;
    if (this.declaration.command.stdout === 'text') return { text: stdout };
    try {
      return JSON.parse(stdout) as unknown;
    } catch {
      throw new ToolError('command_failed', `${this.declaration.command.program} did not print JSON.`);
    }
  }
}

/** Of a program that says nothing of its progress only the whole time is limited. */
function quietLimits(declaration: CommandDeclaration) {
  const limits = limitsOf(declaration);
  return limits.totalMs === undefined || declaration.command.progress !== undefined
    ? limits
    : { idleMs: limits.totalMs, ...limits };
}
