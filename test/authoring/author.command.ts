import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Gives a command of `toolyard plugin`, as its author would: built, in a directory, with nothing in the environment. */
export function plugin(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const clean = { PATH: process.env['PATH'] ?? '', ...env };
  const child = execFile(process.execPath, [CLI, 'plugin', ...args], { env: clean, cwd }, (error, out, err) =>
    resolve({ code: error ? Number(error.code) : 0, out, err }),
  );
  child.stdin?.end();
  return promise;
}
