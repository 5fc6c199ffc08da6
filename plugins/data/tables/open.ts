import { join } from 'node:path';
import { ToolError, type InputFile, type ToolRun } from 'toolyard/sdk';
import { MAX_COLUMNS } from '../caps.ts';
import { importCsv } from '../csv/import.ts';
import { type Engine, explained } from '../engine.ts';
import { importWorkbook } from '../excel/import.ts';
import { importJson, importLines } from '../json/import.ts';
import { type Column, literal } from '../sql.text.ts';
import { formatOf } from './format.ts';
import type { Intake } from './intake.ts';
import type { Format, Reading } from './reading.ts';
import type { Table } from './table.ts';

const IMPORTS: Readonly<Record<Format, (intake: Intake, input: InputFile) => Promise<Table>>> = {
  csv: importCsv,
  json: importJson,
  ndjson: importLines,
  parquet: takeParquet,
  xlsx: importWorkbook,
};

/**
 * Makes tables of all inputs: Parquet files, because every later step reads them several times faster than what they
 * were made from.
 *
 * @param share of the run's progress that this takes
 */
export async function openTables(engine: Engine, run: ToolRun<Reading>, share: number): Promise<Table[]> {
  const tables: Table[] = [];
  for (const [index, input] of run.inputs.entries()) {
    const at = (ratio: number): number => (share * (index + ratio)) / run.inputs.length;
    const table = await openTable(engine, run, {
      input,
      target: join(run.workspace, `table-${index + 1}.parquet`),
      progress: (ratio, message) => run.progress(at(ratio), message),
      perform: (sql, message) => engine.perform(sql, at(0.5), at(1), message),
    });
    tables.push(table);
  }
  if (tables.length === 0) throw new ToolError('table_missing', 'There is no file to read.');
  return tables;
}

async function openTable(
  engine: Engine,
  run: ToolRun<Reading>,
  { input, ...place }: { readonly input: InputFile } & Pick<Intake, 'target' | 'progress' | 'perform'>,
): Promise<Table> {
  const format = await formatOf(input, run.options);
  return IMPORTS[format]({ engine, run, reading: run.options, ...place }, input);
}

/** It is read where it lies. Damage inside is found when it is read. */
async function takeParquet({ engine, run }: Intake, { path, name, size }: InputFile): Promise<Table> {
  const source = `FROM read_parquet(${literal(path)})`;
  const look = async (): Promise<readonly [Column[], number]> => {
    const columns = await engine.columns(source);
    const [count] = await engine.rows(`SELECT count(*) AS n ${source}`);
    return [columns, Number(count?.['n'])];
  };
  const [columns, rows] = await explained(look(), run, 'parquet_unreadable', 'The file is not Parquet, or damaged.');
  if (columns.length > MAX_COLUMNS) {
    throw new ToolError('too_many_columns', `The table has more than ${MAX_COLUMNS} columns.`);
  }
  const bytes = { input: size, accepted: size, rejected: 0 };
  return { path, columns, rejects: undefined, report: { name, format: 'parquet', rows, bytes } };
}
