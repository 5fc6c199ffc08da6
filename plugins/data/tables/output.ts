import { join } from 'node:path';
import type { OutputFile, ToolRun } from 'toolyard/sdk';
import { z } from 'toolyard/sdk';
import { explained } from '../engine.ts';
import { literal, PARQUET } from '../sql.text.ts';
import { neutralise } from './options.ts';
import { FORMATS, readingOptions, type Format, type Reading } from './reading.ts';
import type { Session } from './session.ts';
import { named, writeTable } from './write.ts';

/** Options of every tool that makes tables of tables. */
export const tableOptions = {
  to: z
    .enum(['same', ...FORMATS])
    .default('same')
    .describe('Format of the new file. By default that of the input.'),
  ...readingOptions,
  neutralise,
};

export type TableOptions = Reading & { readonly to: Format | 'same'; readonly neutralise: boolean };

/** Rows in the order of the file, with the number of each, from 1, in a column that nobody else has. */
export const ROW = '"\u0001row"';

export function numbered(source: string): string {
  return `(SELECT *, row_number() OVER () AS ${ROW} FROM ${source})`;
}

export interface Made {
  readonly file: OutputFile;
  readonly rows: number;
}

/**
 * Runs a query and writes what it answers.
 *
 * @param query a SELECT of the tool's own making @param stem of the file, made by the tool
 * @param addition to the name that the user sees
 */
export async function writeQuery(
  { engine, first }: Session,
  run: ToolRun<TableOptions>,
  query: string,
  {
    stem,
    addition,
    name = first.report.name,
  }: { readonly stem: string; readonly addition: string; readonly name?: string },
): Promise<Made> {
  const { to, neutralise: neutral, delimiter } = run.options;
  const format = to === 'same' ? formatLike(first.report.format) : to;
  const result = join(run.workspace, `${stem}.result.parquet`);
  const command = `COPY (${query}) TO ${literal(result)} (${PARQUET})`;
  const work = engine.perform(command, 0.5, 0.8, 'Writing');
  const rows = await explained(work, run, 'table_unreadable', 'The tables do not fit together, or one is damaged.');
  if (format === 'parquet') return { file: named(result, name, addition, format), rows };
  const source = literal(result);
  const columns = await engine.columns(`FROM ${source}`);
  const writing = writeTable(engine, run, stem, { source, columns, rows, format, neutral, delimiter, from: 0.8 });
  const path = await explained(writing, run, 'table_unwritable', 'The table cannot be written in that format.');
  return { file: named(path, name, addition, format), rows };
}

function formatLike(format: string): Format {
  return FORMATS.find((known) => known === format) ?? 'csv';
}
