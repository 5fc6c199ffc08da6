import { median } from './statistics.ts';
import { figure, table } from './table.ts';

interface Promised {
  readonly targetMs: number;
  readonly ms: number[];
}

/** What is promised to take no longer than so many milliseconds, and what it took each time. */
export class Promises {
  private readonly all = new Map<string, Promised>();

  /** @param promise in the table's own words; the same words are the same promise */
  note(promise: string, targetMs: number, ms: number): void {
    const known = this.all.get(promise) ?? { targetMs, ms: [] };
    known.ms.push(ms);
    this.all.set(promise, known);
  }

  /** Notes how long the work takes, and answers what it answers. */
  async time<T>(promise: string, targetMs: number, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const answer = await work();
    this.note(promise, targetMs, performance.now() - started);
    return answer;
  }

  /** A promise is kept when even the slowest was in time. */
  table(): string {
    const rows = [...this.all].map(([promise, { targetMs, ms }]) => {
      const slowest = Math.max(...ms);
      const kept = slowest <= targetMs ? 'met' : 'MISSED';
      return [promise, String(targetMs), figure(median(ms)), figure(slowest), String(ms.length), kept];
    });
    return table(['promise', 'target ms', 'median', 'slowest', 'times', ''], rows);
  }
}
