import type { Ending } from './attempt.js';

/** Something that a tool did and may never do. */
export interface TortureFault {
  readonly class: string;
  /** What was done to it, in words. */
  readonly attempt: string;
  readonly found: string;
}

/** What became of one tool in one class. */
export type ClassResult = Readonly<Record<Ending, number>>;

export interface ToolResult {
  readonly plugin: string;
  readonly tool: string;
  /** The case that was tortured; null when there was none. */
  readonly base: string | null;
  /** Why it was not tortured; null when it was. */
  readonly skipped: string | null;
  /** By class; one that does not concern the tool is missing. */
  readonly classes: Readonly<Record<string, ClassResult>>;
  readonly faults: readonly TortureFault[];
  readonly ms: number;
}

export interface TortureReport extends ClassResult {
  /** With the same one the same is done again. */
  readonly seed: number;
  readonly tools: readonly ToolResult[];
  readonly attempts: number;
  readonly faults: number;
  readonly ms: number;
}

export function reportOf(seed: number, tools: readonly ToolResult[], ms: number): TortureReport {
  const results = tools.flatMap(({ classes }) => Object.values(classes));
  const sum = (ending: Ending) => results.reduce((sum, result) => sum + result[ending], 0);
  const endings = {
    completed: sum('completed'),
    refused: sum('refused'),
    stopped: sum('stopped'),
    crashed: sum('crashed'),
  };
  const faults = tools.reduce((sum, { faults }) => sum + faults.length, 0);
  return { seed, tools, attempts: attemptsIn(endings), ...endings, faults, ms };
}

export function attemptsIn({ completed, refused, stopped, crashed }: ClassResult): number {
  return completed + refused + stopped + crashed;
}
