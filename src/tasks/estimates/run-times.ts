import { startOfClass } from './run-time.classes.js';

/** How many runs took how long: a histogram, by class of time. Milliseconds. */
export class RunTimes {
  readonly runs: number;
  readonly mean: number;
  readonly variance: number;
  /** By time. */
  private readonly parts: readonly { readonly from: number; readonly to: number; readonly runs: number }[];

  /** @param byClass at least one run */
  constructor(byClass: ReadonlyMap<number, number>) {
    this.parts = [...byClass]
      .toSorted(([one], [other]) => one - other)
      .map(([number, runs]) => ({ from: startOfClass(number), to: startOfClass(number + 1), runs }));
    this.runs = this.sum(() => 1);
    this.mean = this.sum(middle) / this.runs;
    this.variance = this.sum((part) => (middle(part) - this.mean) ** 2 + (part.to - part.from) ** 2 / 12) / this.runs;
  }

  /** The time that this share of runs does not exceed. */
  quantile(share: number): number {
    let left = share * this.runs;
    for (const { from, to, runs } of this.parts) {
      if (left <= runs) return from + (to - from) * (left / runs);
      left -= runs;
    }
    return this.parts.at(-1)?.to ?? 0;
  }

  /** Of runs that have taken so long already, what is left of them; a run longer than all before may take as long again. */
  leftAfter(elapsed: number): { readonly mean: number; readonly variance: number } {
    const longer = this.parts.filter(({ to }) => to > elapsed);
    const runs = longer.reduce((sum, part) => sum + part.runs, 0);
    if (runs === 0) return { mean: elapsed, variance: elapsed ** 2 };
    const left = longer.map((part) => ({
      ms: (Math.max(part.from, elapsed) + part.to) / 2 - elapsed,
      runs: part.runs,
    }));
    const mean = left.reduce((sum, { ms, runs }) => sum + ms * runs, 0) / runs;
    return { mean, variance: left.reduce((sum, { ms, runs }) => sum + (ms - mean) ** 2 * runs, 0) / runs };
  }

  private sum(of: (part: { from: number; to: number }) => number): number {
    return this.parts.reduce((sum, part) => sum + of(part) * part.runs, 0);
  }
}

function middle({ from, to }: { from: number; to: number }): number {
  return (from + to) / 2;
}
