import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ChildHandle } from './child.process.js';
import type { RunRequest } from './messages.js';
import { isGrown } from './limits.js';
import type { Outcome, Usage } from './outcome.js';
import { openFilesOf, readProcess } from './process.table.js';
import { isAtRest } from './rest.js';
import { Run, type RunOptions } from './run.js';
import { WORKSPACE } from './work.directory.js';

/** A child with its directory: what a run happens in. Given by the sandbox, used for one run at a time, released. */
export class Slot {
  private count = 0;
  private running = false;
  private cpuMs = 0;
  private peakBytes = 0;
  private wasTidy = true;

  constructor(
    private readonly child: ChildHandle,
    /**
     * Absolute path, without links, of a directory that only this process and its child can see. The child reads all
     * of it and writes only to its `out`; `in` is for inputs. Both exist. Whoever puts something there removes it.
     */
    readonly directory: string,
    /** Whether the child can change nothing in `in`, so that a hard link to stored bytes may stand there. */
    readonly readOnlyInputs: boolean,
    private readonly onRelease: (slot: Slot) => void,
  ) {}

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Whether the child has too little left of what it was started with for another run: of memory, or of processor time.
   * The child itself says what it used; only when that is much, the system is asked.
   */
  get worn(): boolean {
    const { limits } = this.child.place;
    if (!limits) return false;
    if (this.cpuMs > limits.cpuMs) return true;
    return isGrown(limits, this.peakBytes) && isGrown(limits, this.residentBytes());
  }

  /** Runs that ended. */
  get runs(): number {
    return this.count;
  }

  /** Whether it may be used again: the child lives, and whatever it was asked for it has answered. */
  get usable(): boolean {
    return this.child.alive && !this.running;
  }

  /** Runs a tool. Resolves with how it ended; unless it ended well, every process of the run is gone by then. */
  async run(request: RunRequest, options: RunOptions): Promise<Outcome> {
    if (this.running) throw new Error('A slot runs one tool at a time.');
    if (options.signal.aborted) return { type: 'cancelled', stopped: { signal: null, afterMs: 0 } };
    if (!this.child.alive) return { type: 'crashed', kind: 'exit', reason: 'The process ended before the run.' };

    this.running = true;
    try {
      const outcome = await new Run(this.count, this.child, request, options).outcome;
      if ('usage' in outcome) this.note(outcome);
      return outcome;
    } finally {
      this.running = false;
      this.count += 1;
    }
  }

  private note({ usage, tidy }: { readonly usage: Usage; readonly tidy: boolean }): void {
    this.cpuMs += usage.cpuMs;
    this.peakBytes = usage.maxRssBytes;
    this.wasTidy = tidy;
  }

  private residentBytes(): number {
    return this.held()?.residentBytes ?? 0;
  }

  /** What the tool's process holds now. Undefined when it has ended, or where the system does not tell. */
  held(): { readonly residentBytes: number; readonly openFiles: number } | undefined {
    const { tool } = this.child.family;
    const row = tool === undefined ? undefined : readProcess(tool);
    return row && { residentBytes: row.residentBytes, openFiles: openFilesOf(row.pid) };
  }

  /** Whether nothing went on at the end of the last run, as the child itself says. */
  get tidy(): boolean {
    return this.wasTidy;
  }

  /** Whether the runs that ended have left nothing behind that goes on. Not for a slot in which one runs. */
  isAtRest(): Promise<boolean> {
    return isAtRest(this.child);
  }

  /** Absolute path of the directory in which a run writes. Whoever used it leaves it as it was: private and empty. */
  get workspace(): string {
    return join(this.directory, WORKSPACE);
  }

  /** Whether nothing lies in `out` beside the workspace. */
  get clean(): boolean {
    const [first, ...more] = readdirSync(join(this.directory, 'out'));
    return first === basename(WORKSPACE) && more.length === 0;
  }

  /** The work here is done, and what it left in the directory is removed or not needed. */
  release(): void {
    this.onRelease(this);
  }

  /** Ends the child. Resolves when everything that it started is gone. */
  async end(): Promise<void> {
    await this.child.end();
  }
}
