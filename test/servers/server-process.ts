import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { until } from '../conditions.ts';
import { descendants, isAlive } from './process-table.ts';
import type { TemporaryHome } from './temporary-home.ts';

const LOG_CHARACTERS = 1_048_576;
const LAST_WORDS = 4_000;
const START_MS = 40_000;
const STOP_MS = 15_000;

/** What a test needs of a server, shared or its own, real or found under a given URL. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

export interface ServerRecipe {
  /** For messages. */
  readonly name: string;
  readonly url: string;
  readonly home: TemporaryHome;
  /** The home is this server's alone and goes with it. */
  readonly ownsHome: boolean;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whose process it is; needed where root is refused. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Asks for an orderly end that does not wait for clients. */
  readonly stopSignal: NodeJS.Signals;
  /** The server is several processes that only together are "the server": kill and pause mean all of them. */
  readonly family: boolean;
  /** Whether the server does its work by now. An error means no. */
  readonly answers: () => Promise<boolean>;
  /** Default: 15 seconds. */
  readonly startMs?: number | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server that answers, or else an error and nothing left behind. */
export async function startServer(recipe: ServerRecipe): Promise<ServerProcess> {
  const server = new ServerProcess(recipe);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A server as a child process that can be stopped, killed, paused and started again on the same port with the same data. */
export class ServerProcess implements TestServer {
  private readonly recipe: ServerRecipe;
  private child: ChildProcess | undefined;
  private exit: Exit | undefined;
  private text = '';

  constructor(recipe: ServerRecipe) {
    this.recipe = recipe;
  }

  get url(): string {
    return this.recipe.url;
  }

  /** Of the running process. */
  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined || this.exit) throw new Error(`${this.recipe.name} is not running.`);
    return pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.exit === undefined;
  }

  /** Standard output and error since the first start, at most the last million characters. */
  logs(): string {
    return this.text;
  }

  /** The processes that it started and that still live, however deep. */
  descendants(): number[] {
    return descendants(this.pid);
  }

  /** Resolves when the server answers; throws with its last lines if it ends before, or never does. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.recipe.name} is already running.`);
    this.launch();
    const { name, answers, startMs = START_MS } = this.recipe;
    try {
      await until(async () => this.exit ?? (await answers()), { timeoutMs: startMs, describe: `${name} answers` });
      if (this.exit)
        throw new Error(`${name} ended at its start with ${this.exit.signal ?? `code ${this.exit.code}`}.`);
    } catch (error) {
      await this.kill();
      await until(() => this.child?.stdout?.closed, { timeoutMs: 500, describe: 'all is said' }).catch(() => {});
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${reason} It said:\n${this.text.slice(-LAST_WORDS)}`, { cause: error });
    }
  }

  /** Asks the process to end and waits for it. Throws if it has not ended after `graceMs` (default: 15 seconds). */
  async stop(graceMs: number = STOP_MS): Promise<Exit> {
    if (this.running) {
      this.resume();
      this.send(this.recipe.stopSignal);
    }
    return this.ended(graceMs);
  }

  /** Ends it as a crash would, by default with SIGKILL, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    const pids = this.running ? this.everyone() : [];
    this.send(signal, pids);
    this.send('SIGCONT', pids);
    await until(() => !pids.some(isAlive), { timeoutMs: STOP_MS, describe: `all of ${this.recipe.name} is gone` });
    return this.ended(STOP_MS);
  }

  /** Freezes it: connections stay open and nothing answers. */
  pause(): void {
    this.send('SIGSTOP', this.everyone());
  }

  resume(): void {
    this.send('SIGCONT', this.everyone());
  }

  /** Ends what still runs, with all its descendants. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) {
      const family = this.descendants();
      await this.stop().catch(() => this.kill());
      this.send('SIGKILL', family);
    }
    if (this.recipe.ownsHome) await this.recipe.home[Symbol.asyncDispose]();
  }

  private launch(): void {
    const { home, command, args, env, user, stopSignal } = this.recipe;
    const child = home.spawn(command, args, { env, ...user, endSignal: stopSignal });
    this.child = child;
    this.exit = undefined;
    child.once('error', ({ message }) => this.gone({ code: null, signal: null }, message));
    child.once('exit', (code, signal) => this.gone({ code, signal }));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
      // A test that forgets its server must not keep Jest from ending; the keeper of the home cleans up after it.
      if (stream instanceof Socket) stream.unref();
    }
    child.unref();
  }

  private gone(exit: Exit, message?: string): void {
    this.exit ??= exit;
    if (message) this.keep(message);
  }

  private keep(text: string): void {
    this.text = (this.text + text).slice(-LOG_CHARACTERS);
  }

  /** Stopped first, so that it starts nobody else while they are counted. */
  private everyone(): number[] {
    if (!this.recipe.family) return [this.pid];
    this.send('SIGSTOP');
    return [this.pid, ...this.descendants()];
  }

  private send(signal: NodeJS.Signals, pids: readonly number[] = [this.pid]): void {
    for (const pid of pids) if (isAlive(pid)) sendTo(pid, signal);
  }

  private async ended(timeoutMs: number): Promise<Exit> {
    return until(() => this.exit, { timeoutMs, describe: `${this.recipe.name} has ended` });
  }
}

/** Members of a family end one another, so one can be gone since it was looked at. */
function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
}
