import { open } from 'node:fs/promises';
import { ToolError } from 'toolyard/sdk';
import { MAX_CELL_CHARACTERS, MAX_SHEET_ROWS } from '../caps.ts';
import type { Engine } from '../engine.ts';
import { type Column, identifier } from '../sql.text.ts';
import { flatColumns, nameOf } from '../tables/neutral.ts';

type Cell = string | number | boolean | Date | null;

/** What goes into cells as it is; all other types go as the text that DuckDB writes for them. */
const SIMPLE =
  /^(BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|FLOAT|DOUBLE|DATE|TIMESTAMP.*|VARCHAR)$/;

export interface Sheet {
  /** A FROM clause or a query in brackets. */
  readonly source: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly neutral: boolean;
  readonly progress: (rows: number) => void;
}

/** Writes a workbook with one worksheet while the rows are read. */
export async function writeWorkbook(engine: Engine, path: string, sheet: Sheet): Promise<void> {
  if (sheet.rows + 1 > MAX_SHEET_ROWS) {
    throw new ToolError('too_many_rows', `A worksheet holds ${MAX_SHEET_ROWS - 1} rows; there are ${sheet.rows}.`);
  }
  const { writeXlsxStream } = await import('hucre/xlsx');
  const stream = writeXlsxStream(cells(engine, sheet), { name: 'Sheet1', freezePane: { rows: 1 } });
  await using file = await open(path, 'w');
  for await (const chunk of stream) {
    for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
  }
}

async function* cells(engine: Engine, { source, columns, neutral, progress }: Sheet): AsyncGenerator<Cell[]> {
  yield columns.map((column) => nameOf(column, neutral));
  const flat = `SELECT ${flatColumns(columns, neutral)} FROM ${source}`;
  const result = await engine.stream(`SELECT ${columns.map(simple(neutral)).join(', ')} FROM (${flat})`);
  let rows = 0;
  for await (const chunk of result.yieldRowsJs()) {
    for (const row of chunk) yield row.map(cell);
    rows += chunk.length;
    progress(rows);
  }
}

function simple(neutral: boolean): (column: Column) => string {
  return (column) => {
    const name = identifier(nameOf(column, neutral));
    if (column.type.startsWith('DECIMAL')) return `${name}::DOUBLE`;
    return SIMPLE.test(column.type) ? name : `${name}::VARCHAR`;
  };
}

function cell(value: unknown): Cell {
  if (typeof value === 'bigint') return isExact(value) ? Number(value) : checked(value.toString());
  if (typeof value === 'string') return checked(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof Date) return value;
  return null;
}

/** Beyond, Excel would round. */
function isExact(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

function checked(text: string): string {
  if (text.length <= MAX_CELL_CHARACTERS) return text;
  throw new ToolError(
    'cell_too_long',
    `A cell of a worksheet holds ${MAX_CELL_CHARACTERS} characters; one here has ${text.length}.`,
  );
}
