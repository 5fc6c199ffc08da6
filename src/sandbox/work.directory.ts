import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, realpath, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { endProcessesOf } from './child.family.js';

/** In the directory of a child: where its runs write, one after the other. */
export const WORKSPACE = join('out', 'run');

const HEARTBEAT_MS = 3_600_000;
const ABANDONED_MS = 24 * HEARTBEAT_MS;
/** Who else uses the root may die at any time, and perhaps nobody starts in its place. */
const SWEEP_MS = 5_000;

/** `<host>.<process id>.<random>`: whose directory it is can be read from its name. */
const NAME = /^(?<host>.+)\.(?<pid>\d+)\.[0-9a-f]+$/;

/** The directories that this process has open: another one with its number belonged to a process before it. */
const open = new Set<string>();

/**
 * The private directory of one worker process, in a root that several share. As long as one is open, those whose
 * process is dead are removed, and what such a process has left running is ended.
 */
export class WorkDirectory {
  private children = 0;

  private constructor(
    /** Absolute, without links. */
    readonly path: string,
    private readonly timers: readonly NodeJS.Timeout[],
  ) {}

  static async open(root: string): Promise<WorkDirectory> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const real = await realpath(root);
    const path = join(real, `${hostname()}.${process.pid}.${randomBytes(6).toString('hex')}`);
    open.add(path);
    await mkdir(path, { mode: 0o700 });
    await removeAbandoned(real);
    const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
    const sweep = setInterval(() => void removeAbandoned(real).catch(() => {}), SWEEP_MS);
    return new WorkDirectory(path, [heartbeat.unref(), sweep.unref()]);
  }

  /** A new directory for one child, with `in`, and `out` with the workspace of its runs. */
  forChild(): string {
    this.children += 1;
    const directory = join(this.path, String(this.children));
    // A local directory is made in less time than it takes to hand the work to another thread.
    for (const name of ['in', WORKSPACE]) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
    return directory;
  }

  async close(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    await rm(this.path, { recursive: true, force: true });
    open.delete(this.path);
  }
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name);
    if (open.has(path) || !(await isAbandoned(path, name))) continue;
    // A busy child does not notice that its parent was killed.
    endProcessesOf(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** Of a process on another machine we know only that it has not said for a day that it lives. */
async function isAbandoned(path: string, name: string): Promise<boolean> {
  const { host, pid } = NAME.exec(name)?.groups ?? {};
  if (pid === undefined) return false;
  if (host === hostname() && !lives(Number(pid))) return true;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  return Date.now() - mtimeMs > ABANDONED_MS;
}

function lives(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
