import type { ChildHandle } from './child.process.js';
import type { RunRequest } from './messages.js';
import type { Outcome } from './outcome.js';
import { Run, type RunOptions } from './run.js';

/** A child with its directory: what a run happens in. Given by the sandbox, used for one run at a time, released. */
export class Slot {
  private count = 0;
  private running = false;

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
      return await new Run(this.count, this.child, request, options).outcome;
    } finally {
      this.running = false;
      this.count += 1;
    }
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
