import type { LeaseKeeper, Running } from '../../src/worker/lease.keeper.js';
import type { Verdict } from '../../src/worker/verdict.js';

const COMPLETED: Verdict = {
  type: 'completed',
  outputs: [],
  data: null,
  usage: { wall_ms: 1, cpu_ms: 1, max_rss_bytes: 1 },
};

/** Stands in for tools: each run ends when the test says so. `single` runs once at a time. */
export class HeldToolRunner {
  readonly runs: { readonly running: Running; readonly end: (verdict?: Verdict) => void }[] = [];
  most = 0;

  constructor(private readonly leases: LeaseKeeper) {}

  free(): { tools: string[]; pinned: string[] } {
    return { tools: ['echo', 'single'].filter((name) => this.hasRoom(name)), pinned: [] };
  }

  hasRoom(name: string): boolean {
    return name !== 'single' || (this.leases.counts().get('single') ?? 0) < 1;
  }

  async run(running: Running): Promise<Verdict> {
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const held = { running, end: (verdict = COMPLETED) => resolve(verdict) };
    running.signal.addEventListener('abort', () => resolve({ type: 'released' }));
    this.runs.push(held);
    this.most = Math.max(this.most, this.runs.length);
    const verdict = await promise;
    this.runs.splice(this.runs.indexOf(held), 1);
    return verdict;
  }
}
