import type { ToolRun } from 'toolyard/sdk';
import type { Engine } from '../engine.ts';
import type { Reading } from './reading.ts';

/** What is at hand where a table is made of a file. */
export interface Intake {
  readonly engine: Engine;
  readonly run: ToolRun<unknown>;
  readonly reading: Reading;
  /** Absolute path of the Parquet file to be made; others of its own may stand beside it, with more at the end. */
  readonly target: string;
  /** Says how far this file is, 0 to 1. */
  readonly progress: (ratio: number, message: string) => void;
  /** Runs a long statement. Answers the rows that it wrote. */
  readonly perform: (sql: string, message: string) => Promise<number>;
}
