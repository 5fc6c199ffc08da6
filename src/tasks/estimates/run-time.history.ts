import { sizeClass } from './run-time.classes.js';
import type { RunTimeCount } from './run-time.store.js';
import { RunTimes } from './run-times.js';

/** Fewer runs say little, and those of other sizes are asked, too. */
const ENOUGH_RUNS = 5;
/** How much larger or smaller these others may be: powers of two. */
const NEIGHBOURS = [0, 1, 2, 4, Infinity];

/** How long runs took, as it was known at one moment. */
export class RunTimeHistory {
  /** Of all tools together; undefined when nothing ever ran. */
  readonly all: RunTimes | undefined;
  private readonly byTool: ReadonlyMap<string, readonly RunTimeCount[]>;
  private readonly known = new Map<string, RunTimes | undefined>();

  constructor(counts: readonly RunTimeCount[]) {
    this.byTool = Map.groupBy(counts, ({ tool }) => tool);
    this.all = runTimes(counts);
  }

  /**
   * Of this tool with inputs of about this size. Undefined: it never ran.
   *
   * @param bytes null when nobody knows yet: then runs with inputs of all sizes count
   */
  of(tool: string, bytes: number | null): RunTimes | undefined {
    const size = bytes === null ? null : sizeClass(bytes);
    const key = `${tool} ${size}`;
    if (!this.known.has(key)) this.known.set(key, this.near(tool, size));
    return this.known.get(key);
  }

  private near(tool: string, size: number | null): RunTimes | undefined {
    const counts = this.byTool.get(tool) ?? [];
    if (size === null) return runTimes(counts);
    const windows = NEIGHBOURS.map((distance) =>
      counts.filter((count) => Math.abs(count.sizeClass - size) <= distance),
    );
    const enough = windows.find((window) => window.reduce((sum, { runs }) => sum + runs, 0) >= ENOUGH_RUNS);
    return runTimes(enough ?? counts);
  }
}

function runTimes(counts: readonly RunTimeCount[]): RunTimes | undefined {
  if (counts.length === 0) return undefined;
  const byClass = new Map<number, number>();
  for (const { timeClass, runs } of counts) byClass.set(timeClass, (byClass.get(timeClass) ?? 0) + runs);
  return new RunTimes(byClass);
}
