import { childLimits } from '../../sandbox/limits.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Slot } from '../../sandbox/slot.js';
import { attemptIn, type Base, type Verdict } from './attempt.js';

export const RUNS = 50;
/** Even where time is short. */
const LEAST_RUNS = 5;

/** Runs in which caches fill and code is compiled. */
const WARM_RUNS = 15;
/** Of so many runs the least counts: what is collected some time is no leak. */
const WINDOW = 10;
const MIB = 1024 ** 2;
/** From one window to the last one. */
const MOST_GROWTH_BYTES = 24 * MIB;
const MOST_NEW_FILES = 8;

export interface Endurance {
  readonly verdicts: readonly Verdict[];
  readonly faults: readonly string[];
}

/** What a child holds after a run. Undefined where the system does not tell. */
type Held = ReturnType<Slot['held']>;

/**
 * Many runs in one child, for what is left behind each time: memory, handles, files. When the memory seems to grow, as
 * many again must show the same.
 */
export async function endure(sandbox: Sandbox, base: Base, budgetMs: number): Promise<Endurance> {
  const slot = await sandbox.acquire(base.plugin, childLimits(base.tool.limits));
  try {
    const verdicts: Verdict[] = [];
    const held = await series(slot, base, verdicts, budgetMs);
    const files = newFiles(held);
    const isGrowing = grown(held.slice(WARM_RUNS)) > MOST_GROWTH_BYTES && verdicts.every(isGood);
    const bytes = isGrowing ? grown(await series(slot, base, verdicts, budgetMs)) : 0;
    return {
      verdicts,
      faults: [
        ...(bytes > MOST_GROWTH_BYTES ? [`It holds ${Math.round(bytes / MIB)} MiB more after each ${RUNS} runs.`] : []),
        ...(files > MOST_NEW_FILES ? [`It holds ${files} more open files after ${held.length} runs.`] : []),
      ],
    };
  } finally {
    slot.release();
  }
}

async function series(slot: Slot, base: Base, verdicts: Verdict[], budgetMs: number): Promise<Held[]> {
  const since = performance.now();
  const held: Held[] = [];
  const isDue = () => held.length < LEAST_RUNS || performance.now() - since < budgetMs;
  while (held.length < RUNS && isDue() && slot.usable) {
    const verdict = await attemptIn(slot, base, { what: `run ${verdicts.length + 1}` });
    verdicts.push(verdict);
    held.push(slot.held());
    if (!isGood(verdict)) break;
  }
  return held;
}

function isGood({ faults }: Verdict): boolean {
  return faults.length === 0;
}

function grown(held: readonly Held[]): number {
  if (held.length < 2 * WINDOW) return 0;
  const least = (some: readonly Held[]) => Math.min(...some.map((one) => one?.residentBytes ?? 0));
  return least(held.slice(-WINDOW)) - least(held.slice(0, WINDOW));
}

function newFiles(held: readonly Held[]): number {
  return (held.at(-1)?.openFiles ?? 0) - (held[LEAST_RUNS - 2]?.openFiles ?? Infinity);
}
