import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process-table.ts';

/**
 * Waits until standard input closes, which it does when whoever holds the other end is gone, even by SIGKILL. Then it
 * ends every process noted in the directory `$1` with the signal noted there, or else with SIGKILL, and removes the
 * directory. The word `done` says that all is in order already.
 */
const KEEPER = `
trap '' INT TERM HUP
read -r word
[ "$word" = done ] && exit
for file in "$1"/processes/*; do
  [ -e "$file" ] || continue
  pid=$(basename "$file")
  kill -s CONT -- "-$pid"
  kill -s "$(cat "$file")" -- "-$pid"
  tries=0
  while kill -s 0 -- "-$pid" && [ $tries -lt 30 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL -- "-$pid"
done
rm -rf "$1"
`;

/**
 * A temporary directory, and the processes started in it. Both go away when it is disposed of, and also when this
 * process ends without having done so: interrupted, crashed or killed.
 */
export class TemporaryHome implements AsyncDisposable {
  readonly path: string;
  private readonly keeper: ChildProcess;
  private readonly pids = new Set<number>();

  private constructor(path: string) {
    this.path = path;
    mkdirSync(join(path, 'processes'));
    this.keeper = spawn('sh', ['-c', KEEPER, 'keeper', path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      detached: true,
    });
    this.keeper.unref();
    if (this.keeper.stdin instanceof Socket) this.keeper.stdin.unref();
  }

  static async open(): Promise<TemporaryHome> {
    return new TemporaryHome(await realpath(await mkdtemp(join(tmpdir(), 'toolyard-test-'))));
  }

  /** Starts a process in a group of its own. `endSignal` is what ends it when nobody is left to do it in a better way. */
  spawn(command: string, args: readonly string[], options: SpawnOptions & { endSignal: NodeJS.Signals }): ChildProcess {
    const child = spawn(command, args, {
      cwd: this.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) this.note(child, pid, options.endSignal);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.pids) if (isAlive(pid)) process.kill(-pid, 'SIGKILL');
    await rm(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    this.keeper.stdin?.end('done\n');
  }

  private note(child: ChildProcess, pid: number, endSignal: NodeJS.Signals): void {
    const file = join(this.path, 'processes', String(pid));
    writeFileSync(file, endSignal.replace('SIG', ''));
    this.pids.add(pid);
    child.once('exit', () => {
      this.pids.delete(pid);
      rmSync(file, { force: true });
    });
  }
}
