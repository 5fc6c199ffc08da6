import type { Platform } from '../test/platform.ts';
import type { TemporaryHome } from '../test/servers/temporary-home.ts';

/** Rounds of each case; of rates the median counts. */
export const ROUNDS = 3;

/** Before the first round. A server runs for weeks, and its code is compiled once it has been used a thousand times. */
export const WARM_UP_SECONDS = 10;

/** What a benchmark is given. */
export interface Stage {
  /** A server of its own: embedded queue, SQLite, nothing in it. */
  readonly platform: Platform;
  /** For files and processes; removed afterwards, however the bench ends. On the file system of DATA_DIR. */
  readonly home: TemporaryHome;
  /** Of one round. */
  readonly seconds: number;
}

/** Runs a program to its end. Answers what it wrote to standard output. @throws unless it ended well */
export async function runProgram(home: TemporaryHome, command: string, args: readonly string[]): Promise<string> {
  const child = home.spawn(command, args, { endSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.`);
  return output;
}
