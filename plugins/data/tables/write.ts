import { join, parse } from 'node:path';
import type { OutputFile, ToolRun } from 'toolyard/sdk';
import type { Engine } from '../engine.ts';
import { writeWorkbook } from '../excel/export.ts';
import { type Column, literal, PARQUET } from '../sql.text.ts';
import { flatColumns } from './neutral.ts';
import type { Format } from './reading.ts';

const TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** MIME types of what is written. Small or plain tables may look like any text. */
export const OUTPUT_TYPES: readonly string[] = [...Object.values(TYPES), 'text/tab-separated-values', 'text/plain'];

/** What is to be written. */
export interface Written {
  /** Something that can stand behind FROM. */
  readonly source: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly format: Format;
  /** Whether cells that a spreadsheet would calculate get an apostrophe. */
  readonly neutral: boolean;
  readonly delimiter?: string | undefined;
  /** Part of the run's progress. */
  readonly from: number;
}

/** Writes a table to a file in the workspace. Answers its path. @param stem name without extension, made by the tool */
export async function writeTable(engine: Engine, run: ToolRun<unknown>, stem: string, table: Written): Promise<string> {
  const path = join(run.workspace, `${stem}.${table.format}`);
  if (table.format !== 'xlsx') {
    await engine.perform(
      `COPY (${query(table)}) TO ${literal(path)} (${OPTIONS[table.format](table)})`,
      table.from,
      1,
      'Writing',
    );
    return path;
  }
  const progress = (rows: number): void => {
    run.signal.throwIfAborted();
    run.progress(table.from + ((1 - table.from) * rows) / Math.max(table.rows, 1), 'Writing');
  };
  await writeWorkbook(engine, path, { ...table, progress });
  return path;
}

/** A name for the user, after that of the input. */
export function named(path: string, input: string, addition: string, extension: string): OutputFile {
  return { path, name: `${parse(input).name || 'table'}${addition}.${extension}` };
}

const OPTIONS: Readonly<Record<Exclude<Format, 'xlsx'>, (table: Written) => string>> = {
  csv: ({ delimiter = ',' }) => `FORMAT csv, HEADER true, DELIMITER ${literal(delimiter)}`,
  json: () => 'FORMAT json, ARRAY true',
  ndjson: () => 'FORMAT json',
  parquet: () => PARQUET,
};

function query({ format, columns, neutral, source }: Written): string {
  return format === 'csv' ? `SELECT ${flatColumns(columns, neutral)} FROM ${source}` : `FROM ${source}`;
}
