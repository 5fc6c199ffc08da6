import type { OutputFile, ToolRun } from 'toolyard/sdk';
import { Engine } from '../engine.ts';
import { literal } from '../sql.text.ts';
import { openTables } from './open.ts';
import type { Reading } from './reading.ts';
import type { Table, TableReport } from './table.ts';
import { named } from './write.ts';

/** What most tools here are given: the database, and the inputs as tables. */
export interface Session extends AsyncDisposable {
  readonly engine: Engine;
  readonly tables: readonly Table[];
  readonly first: Table;
}

/** Opens the inputs, which takes the first half of the run's progress. @param memoryMb the tool's limit */
export async function openSession(
  run: ToolRun<Reading>,
  memoryMb: number,
  inputs: ToolRun['inputs'] = run.inputs,
): Promise<Session> {
  const engine = await Engine.open(run, { memoryMb, reads: run.inputs.map(({ path }) => path) });
  try {
    const tables = await openTables(engine, { ...run, inputs }, 0.5);
    const [first] = tables;
    if (first === undefined) throw new Error('No table was opened.');
    return { engine, tables, first, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The files of all records that could not be read. */
export function rejectedFiles(tables: readonly Table[]): OutputFile[] {
  return tables.flatMap(({ rejects, report }) =>
    rejects === undefined ? [] : [named(rejects, report.name, '.rejected', report.format)],
  );
}

export function reports(tables: readonly Table[]): TableReport[] {
  return tables.map(({ report }) => report);
}

/** What can stand behind FROM. */
export function sourceOf({ path }: Table): string {
  return `read_parquet(${literal(path)})`;
}

/** What all tools allow, unless they say otherwise: 200 MB of CSV hold 0.6 GB at the peak. */
export const TABLE_LIMITS = {
  memoryMb: 1536,
  totalMs: 600_000,
  maxInputBytes: 2 * 1024 ** 3,
  maxOutputBytes: 4 * 1024 ** 3,
} as const;
