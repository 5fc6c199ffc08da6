import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Attempt, Base, Verdict } from './attempt.js';
import { CLASSES, type TortureClass } from './classes.js';
import { endure } from './endurance.js';
import { SeededRandom } from './random.js';
import type { ClassResult, TortureFault } from './torture.report.js';
import { WarmChild } from './warm.child.js';

export const ENDURANCE = 'repeated';

/** In the order in which they are done. */
export const CLASS_NAMES: readonly string[] = [...CLASSES.map(({ name }) => name), ENDURANCE];

/** Shares of the time for one tool. What restarts children has few attempts, and takes the time that it takes. */
const CLASS_SHARE = 0.1;
const ENDURANCE_SHARE = 0.6;
/** Attempts of a class even where time is short. */
const LEAST_ATTEMPTS = 2;
/** Of one class; more of the same say nothing new. */
const MOST_FAULTS = 5;

/** How a tool is tortured. */
export interface Torture {
  readonly seed: number;
  /** Milliseconds for one tool, more or less. */
  readonly budgetMs: number;
  /** Undefined: all. */
  readonly classes?: readonly string[] | undefined;
}

export interface Tortured {
  readonly classes: Record<string, ClassResult>;
  readonly faults: TortureFault[];
}

/** Does all of it to one tool. Rejects only when no child can be started at all. */
export async function tortureTool(sandbox: Sandbox, base: Base, torture: Torture): Promise<Tortured> {
  const done: Tortured = { classes: {}, faults: [] };
  const wanted = (name: string) => torture.classes?.includes(name) ?? true;
  const child = new WarmChild(sandbox, base);
  for (const one of CLASSES.filter(({ name }) => wanted(name))) await inClass(child, base, one, torture, done);
  child.close();
  if (!wanted(ENDURANCE)) return done;
  const { verdicts, faults } = await endure(sandbox, base, torture.budgetMs * ENDURANCE_SHARE);
  done.classes[ENDURANCE] = counted(verdicts);
  const found = [...verdicts.flatMap(({ faults }) => faults), ...faults];
  done.faults.push(
    ...found.map((found) => ({ class: ENDURANCE, attempt: `${verdicts.length} runs in one child`, found })),
  );
  return done;
}

async function inClass(
  child: WarmChild,
  base: Base,
  { name, attempts, judge }: TortureClass,
  { seed, budgetMs }: Torture,
  done: Tortured,
): Promise<void> {
  // Each class has numbers of its own, so that it does the same alone.
  const planned = attempts(base, new SeededRandom(`${seed} ${base.tool.name} ${name}`));
  if (planned.length === 0) return;
  const since = performance.now();
  const verdicts: Verdict[] = [];
  const faults: TortureFault[] = [];
  const isLate = () => verdicts.length >= LEAST_ATTEMPTS && performance.now() - since > budgetMs * CLASS_SHARE;
  for (const one of planned) {
    if (isLate() || faults.length >= MOST_FAULTS) break;
    const verdict = await child.attempt(one);
    verdicts.push(verdict);
    faults.push(...told(name, one, verdict));
  }
  const whole = judge?.(verdicts).map((found) => ({ class: name, attempt: `${verdicts.length} times`, found })) ?? [];
  done.classes[name] = counted(verdicts);
  done.faults.push(...whole, ...faults);
}

function told(name: string, { what }: Attempt, { faults }: Verdict): TortureFault[] {
  return faults.map((found) => ({ class: name, attempt: what, found }));
}

function counted(verdicts: readonly Verdict[]): ClassResult {
  const count = (ending: Verdict['ending']) => verdicts.filter((verdict) => verdict.ending === ending).length;
  return {
    completed: count('completed'),
    refused: count('refused'),
    stopped: count('stopped'),
    crashed: count('crashed'),
  };
}
