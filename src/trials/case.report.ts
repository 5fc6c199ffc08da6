import type { Fault } from './fault.js';
import type { FileFault } from './case.file.js';

/** What became of one case. */
export interface CaseResult {
  readonly file: string;
  readonly line: number | null;
  /** The name of the tool. */
  readonly tool: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Empty unless it failed. */
  readonly faults: readonly Fault[];
  /** Why it was skipped; or, when it failed, what only the author wants to know: of a crash, and the end of the log. */
  readonly reason: string | null;
  readonly ms: number;
}

/** What became of the cases of a plugin. */
export interface CaseReport {
  readonly plugin: string;
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly results: readonly CaseResult[];
  /** What keeps cases from being run at all: files that cannot be read, tools that cannot be loaded. */
  readonly faults: readonly FileFault[];
  readonly ms: number;
}

/** Whether nothing is wrong. A plugin without cases has proved nothing, but that is for others to judge. */
export function isGood({ failed, faults }: CaseReport): boolean {
  return failed === 0 && faults.length === 0;
}
