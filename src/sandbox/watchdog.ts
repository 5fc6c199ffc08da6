import type { ChildFamily } from './child.family.js';
import { type DirectorySize, measureDirectory } from './directory.size.js';
import { type ChildLimits, type Limit, MAX_ENTRIES, MAX_PROCESSES, residentLimit } from './limits.js';
import { type ProcessRow, readProcesses } from './process.table.js';

/** Milliseconds between two looks. A run that ends before the second one is never looked at, and costs nothing. */
const LOOK_MS = 100;

/** Milliseconds of each look that go into workspaces, of all runs together. A large one takes several looks. */
const DISK_MS = 4;

/** A run that is watched. */
export interface Watched {
  readonly family: ChildFamily;
  readonly limits: ChildLimits;
  /** Absolute path of the directory that it writes to. */
  readonly writes: string;
  /** Called once at most, with a sentence for the log. */
  exceeded(limit: Limit, reason: string): void;
}

const watches = new Set<Watch>();
let timer: NodeJS.Timeout | undefined;

/** Holds a run to its limits until the answered function is called. One timer looks after all runs. */
export function watch(watched: Watched): () => void {
  const entry = new Watch(watched);
  watches.add(entry);
  timer ??= setInterval(look, LOOK_MS).unref();
  return () => {
    entry.end();
    watches.delete(entry);
  };
}

function look(): void {
  if (watches.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
  let rows: readonly ProcessRow[] | undefined;
  for (const entry of watches) entry.look(() => (rows ??= readProcesses()), DISK_MS / watches.size);
}

/** One run, from one look to the next. */
class Watch {
  private over = false;
  private isNew = true;
  private cpuBefore: number | undefined;
  private measuring: Generator<DirectorySize, void> | undefined;

  constructor(private readonly watched: Watched) {}

  /** @param diskMs how long it may look at the disk */
  look(table: () => readonly ProcessRow[], diskMs: number): void {
    if (this.isNew) {
      this.isNew = false;
      return;
    }
    this.lookAtProcesses(table);
    if (!this.over) this.lookAtDisk(performance.now() + diskMs);
  }

  end(): void {
    this.over = true;
    this.measuring?.return();
  }

  private lookAtProcesses(table: () => readonly ProcessRow[]): void {
    const { limits, family } = this.watched;
    const { processes, cpuMs, residentBytes } = family.use(table);
    this.cpuBefore ??= cpuMs;
    if (residentBytes > residentLimit(limits)) this.exceed('memory', `It held ${residentBytes} bytes of memory.`);
    else if (processes > MAX_PROCESSES) this.exceed('processes', `It had ${processes} processes.`);
    else if (cpuMs - this.cpuBefore > limits.cpuMs)
      this.exceed('cpu', `It used ${cpuMs - this.cpuBefore} ms of processor time.`);
  }

  /** Goes on where the last look ended, and begins anew when it has seen everything. */
  private lookAtDisk(until: number): void {
    this.measuring ??= measureDirectory(this.watched.writes);
    do {
      const { value, done } = this.measuring.next();
      if (done) {
        this.measuring = undefined;
        return;
      }
      this.judge(value);
    } while (!this.over && performance.now() < until);
  }

  private judge({ bytes, entries }: DirectorySize): void {
    if (entries > MAX_ENTRIES) this.exceed('workspace', `It made more than ${MAX_ENTRIES} files.`);
    else if (bytes > this.watched.limits.workspaceBytes) this.exceed('workspace', `It wrote ${bytes} bytes.`);
  }

  private exceed(limit: Limit, reason: string): void {
    if (this.over) return;
    this.end();
    this.watched.exceeded(limit, reason);
  }
}
