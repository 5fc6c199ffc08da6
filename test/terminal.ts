import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { until } from './conditions.js';
import { obtainBinary } from './servers/obtain-binary.js';

/** What a person types. */
export const KEYS = { enter: '\r', down: '\u001B[B', ctrlC: '\u0003', ctrlD: '\u0004' } as const;

const PATIENCE_MS = 60_000;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A program on a terminal, as a person at the keyboard has it. */
export class Terminal implements AsyncDisposable {
  private text = '';
  private seen = 0;

  private readonly closed: Promise<unknown>;

  private constructor(private readonly script: ChildProcessWithoutNullStreams) {
    this.closed = once(script, 'close');
    script.stdout.on('data', (chunk) => (this.text += String(chunk)));
  }

  static async open(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Terminal> {
    const script = await obtainBinary({ name: 'script', server: 'script of util-linux', package: 'bsdutils' });
    // Without a size, each letter has a line of its own.
    const line = `stty cols 120 rows 40; exec ${command.map(quoted).join(' ')}`;
    const clean = { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm', ...env };
    return new Terminal(spawn(script, ['-qefc', line, '/dev/null'], { cwd, env: clean }));
  }

  /** All that was shown until now, without colours. */
  get shown(): string {
    return stripVTControlCharacters(this.text);
  }

  /** Waits for these words, after those that were waited for before, and then types. */
  async type(keys: string, after: string): Promise<void> {
    const end = await until(() => 1 + this.shown.indexOf(after, this.seen), {
      describe: `the terminal shows ${after}`,
      timeoutMs: PATIENCE_MS,
    });
    this.seen = end;
    this.script.stdin.write(keys);
  }

  /** Waits for the end. The exit code; null when the terminal was taken away. */
  async end(): Promise<number | null> {
    await this.closed;
    return this.script.exitCode;
  }

  /** Takes the terminal away, as when its window is closed. */
  async close(): Promise<void> {
    this.script.kill('SIGKILL');
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
