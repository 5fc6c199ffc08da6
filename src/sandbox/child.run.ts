import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { format, promisify } from 'node:util';
import {
  ToolError,
  type ExecOptions,
  type ExecResult,
  type OutputFile,
  type ToolLog,
  type ToolResult,
  type ToolRun,
  type z,
} from '../sdk/index.js';
import { Budget } from './budget.js';
import { loadTool } from './child.tools.js';
import { RemoteFault } from './declared/remote.fault.js';
import { type ChildMessage, cutLong, PROGRESS_INTERVAL_MS, type RunRequest, TALK } from './messages.js';
import { Throttle } from './throttle.js';

const MAX_EXEC_OUTPUT_BYTES = 10_000_000;

/** Turns of the event loop in which what has ended is closed. */
const SETTLING_TURNS = 4;

const execute = promisify(execFile);

/** The plugin that this process runs. */
export interface ChildPlugin {
  readonly directory: string;
  /** Programs that its manifest names. */
  readonly exec: readonly string[];
}

/** What a result ends with, before it is told. */
type Ending =
  | { readonly type: 'done'; readonly outputs: readonly OutputFile[]; readonly data: unknown }
  | { readonly type: 'tool_error'; readonly code: string; readonly message: string }
  | { readonly type: 'crashed'; readonly reason: string; readonly remote: boolean };

/** One run of one tool, inside the child: loads, checks the options, validates, processes, cleans up, tells. */
export class ChildRun {
  private readonly controller = new AbortController();
  private readonly cpu = process.cpuUsage();
  /** Half of what the parent bears, so that a tool that logs too much loses lines and not its life. */
  private readonly talk = new Budget(TALK.capacity / 2, TALK.perSecond / 2);
  private readonly throttle: Throttle<readonly [number, string | null]>;
  private over = false;

  constructor(
    private readonly id: number,
    private readonly plugin: ChildPlugin,
    private readonly request: RunRequest,
    private readonly send: (message: ChildMessage) => void,
    private readonly isTidy: () => boolean,
  ) {
    this.throttle = new Throttle(PROGRESS_INTERVAL_MS, ([ratio, message]) =>
      this.send({ type: 'progress', run: this.id, ratio, message }),
    );
  }

  /** Never rejects: every ending is told to the parent. */
  async perform(): Promise<void> {
    const ending = await this.work().catch(endingOf);
    await this.settle();
    this.finish(ending);
  }

  abort(): void {
    this.controller.abort(new Error('The run was stopped.'));
  }

  /** Something failed that nobody awaits. The parent ends the process. */
  crash(error: unknown): void {
    this.finish(crashed(error));
  }

  /** The last file or program counts as something that goes on for some turns more, and the child would not be used at once. */
  private async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLING_TURNS && !this.isTidy(); turn += 1) await nextTurn();
  }

  private async work(): Promise<Ending> {
    const { options, create } = await loadTool(this.plugin.directory, this.request.tool);
    const parsed = await options.safeParseAsync(this.request.options);
    if (!parsed.success) return invalidOptions(parsed.error);

    const tool = create();
    const run = this.toolRun(parsed.data);
    try {
      await tool.validate?.(run);
      return done(await tool.process(run));
    } finally {
      await this.cleanUp(async () => tool.cleanup?.(run));
    }
  }

  /** The work is done or has failed already, and what is left behind is removed with the workspace. */
  private async cleanUp(cleanup: () => Promise<void>): Promise<void> {
    try {
      await cleanup();
    } catch (error) {
      this.log('error', `The cleanup failed: ${inDetail(error)}`);
    }
  }

  private toolRun(options: Record<string, unknown>): ToolRun {
    const { id = randomUUID(), inputs, workspace } = this.request;
    return Object.freeze({
      id,
      inputs: Object.freeze(inputs.map((input) => Object.freeze(input))),
      options,
      workspace,
      signal: this.controller.signal,
      progress: (ratio: number, message?: string) => this.progress(ratio, message),
      exec: (binary: string, args: readonly string[], options?: ExecOptions) => this.exec(binary, args, options),
      log: Object.freeze<ToolLog>({
        info: (message) => this.log('info', message),
        warn: (message) => this.log('warn', message),
        error: (message) => this.log('error', message),
      }),
    });
  }

  private progress(ratio: number, message?: unknown): void {
    if (this.over) return;
    const bounded = ratio >= 0 ? Math.min(ratio, 1) : 0;
    this.throttle.offer([bounded, message === undefined ? null : cutLong(format(message))]);
  }

  private log(level: keyof ToolLog, message: unknown): void {
    const line = cutLong(format(message));
    if (this.over || !this.talk.spend(TALK.perMessage + line.length)) return;
    this.send({ type: 'log', run: this.id, level, message: line });
  }

  private async exec(binary: string, args: readonly string[], { onLine }: ExecOptions = {}): Promise<ExecResult> {
    if (!this.plugin.exec.includes(binary)) throw new Error(`The manifest does not name ${binary} under exec.`);
    const { signal } = this.controller;
    const running = execute(binary, args, { signal, cwd: this.request.workspace, maxBuffer: MAX_EXEC_OUTPUT_BYTES });
    // Nobody types anything, so a program that asks must not wait.
    running.child.stdin?.end();
    if (onLine) running.child.stdout?.on('data', linesTo(onLine));
    return running;
  }

  private finish(ending: Ending): void {
    if (this.over) return;
    this.over = true;
    this.throttle.stop();
    try {
      this.tell(ending);
    } catch (error) {
      this.tell(crashed(error));
    }
  }

  private tell(ending: Ending): void {
    if (ending.type === 'crashed') return this.send({ ...ending, run: this.id });
    const { user, system } = process.cpuUsage(this.cpu);
    const usage = { cpuMs: (user + system) / 1_000, maxRssBytes: process.resourceUsage().maxRSS * 1_024 };
    this.send({ ...ending, run: this.id, usage, tidy: this.isTidy() });
  }
}

/** What a stream of text is given to, to have it line by line. */
function linesTo(onLine: (line: string) => void): (text: string) => void {
  let begun = '';
  return (text) => {
    const lines = (begun + text).split(/\r?\n/);
    begun = lines.pop() ?? '';
    lines.forEach(onLine);
  };
}

function done(result: ToolResult): Ending {
  const { outputs = [], data } = result ?? {};
  if (!Array.isArray(outputs) || !outputs.every(isOutput)) {
    throw new TypeError('The tool returned outputs that are not a list of {path, name}.');
  }
  return { type: 'done', outputs: outputs.map(({ path, name }) => ({ path, name })), data };
}

function isOutput(output: unknown): output is OutputFile {
  const { path, name } = (output ?? {}) as Partial<OutputFile>;
  return typeof path === 'string' && (name === undefined || typeof name === 'string');
}

function invalidOptions({ issues }: z.ZodError): Ending {
  const [issue] = issues;
  const where = issue?.path.length ? `Option ${issue.path.join('.')}: ` : '';
  return { type: 'tool_error', code: 'invalid_options', message: `${where}${issue?.message ?? 'not valid'}.` };
}

function endingOf(error: unknown): Ending {
  if (error instanceof ToolError) return { type: 'tool_error', code: format(error.code), message: error.message };
  return crashed(error);
}

function crashed(error: unknown): Ending {
  const remote = error instanceof RemoteFault;
  return { type: 'crashed', reason: remote ? error.message : inDetail(error), remote };
}

function inDetail(error: unknown): string {
  if (!(error instanceof Error)) return cutLong(`Thrown: ${String(error)}`);
  // What ended a program does not stand in its fault's message.
  const signal = 'signal' in error && typeof error.signal === 'string' ? ` (${error.signal})` : '';
  return cutLong(`${error.stack ?? error.message}${signal}`);
}
