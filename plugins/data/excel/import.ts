import { open, readFile } from 'node:fs/promises';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { MAX_RECORD_BYTES, MAX_UNPACKED_BYTES } from '../caps.ts';
import { explained } from '../engine.ts';
import { columnStruct, literal, PARQUET } from '../sql.text.ts';
import type { Intake } from '../tables/intake.ts';
import type { Table } from '../tables/table.ts';
import { SheetFile, type Cell } from './cells.ts';

/** In the table of contents of an archive, which comes last, stand the names of its parts. */
const TAIL_BYTES = 64 * 1024;

/** How XLS begins, a compound file. */
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** What SheetJS calls the formats that it is used for. */
const BOOKS = new Set(['xlsb', 'ods']);

const UNREADABLE = 'The file is not a workbook that can be read (xlsx, xls, xlsb, ods), or it is damaged.';

/** Makes a table of one worksheet. */
export async function importWorkbook(intake: Intake, input: InputFile): Promise<Table> {
  const { engine, run, target, reading, perform, progress } = intake;
  progress(0, 'Reading the worksheet');
  const path = `${target}.cells`;
  await using sheet = new SheetFile(path, reading.header);
  await explained(readInto(sheet, intake, input), run, 'workbook_unreadable', UNREADABLE);
  await sheet.close();
  const { columns } = sheet;
  const rows = sheet.rows === 0 ? await writeEmpty() : await write();
  if (rows !== sheet.rows) {
    throw new ToolError(
      'rows_unaccounted',
      `Of ${sheet.rows} rows that were counted, ${rows} were read. Please report this file.`,
    );
  }
  const bytes = { input: input.size, accepted: input.size, rejected: 0 };
  const report = { name: input.name, format: 'xlsx', rows, header: sheet.hasHeader, bytes };
  return { path: target, columns: await engine.columns(`FROM ${literal(target)}`), rejects: undefined, report };

  function write(): Promise<number> {
    const options = `auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', null_padding = true,
      strict_mode = true, new_line = '\\n', max_line_size = ${16 * MAX_RECORD_BYTES}, parallel = false`;
    const source = `read_csv(${literal(path)}, ${options}, columns = ${columnStruct(columns)})`;
    return perform(`COPY (FROM ${source}) TO ${literal(target)} (${PARQUET})`, 'Reading the cells');
  }

  function writeEmpty(): Promise<number> {
    const list = columns.map(({ name, type }) => `NULL::${type} AS "${name.replaceAll('"', '""')}"`).join(', ');
    return perform(`COPY (SELECT ${list} LIMIT 0) TO ${literal(target)} (${PARQUET})`, 'Reading the cells');
  }
}

/** Damaged XLS lets SheetJS run without an end; of XLSB and ODS it is the one that reads them right. */
const READERS = { xlsx: streamed, xls: old, other: whole } as const;

async function readInto(sheet: SheetFile, intake: Intake, input: InputFile): Promise<void> {
  const { reading, run, progress } = intake;
  const kind = await kindOf(input.path);
  if (kind === undefined) throw new ToolError('workbook_unreadable', UNREADABLE);
  if (kind === 'other') await refuseLargeArchive(input.path);
  const rows = READERS[kind](input.path, reading.sheet);
  for await (const row of rows) {
    if (sheet.rows % 10_000 === 0) {
      run.signal.throwIfAborted();
      progress(0.3, `Reading the worksheet: ${sheet.rows} rows`);
    }
    await sheet.add(row);
  }
  if (sheet.columns.length > 0) return;
  if (reading.sheet === undefined) throw new ToolError('table_empty', 'The worksheet has no cells.');
  throw new ToolError('sheet_missing', 'The workbook has no worksheet of that name, or it has no cells.');
}

async function* streamed(path: string, name: string | undefined): AsyncGenerator<readonly Cell[]> {
  const { streamXlsxRows } = await import('hucre/xlsx');
  const bytes = await readFile(path);
  for await (const { values } of streamXlsxRows(bytes, { sheet: name ?? 0 })) yield values;
}

async function* old(path: string, wanted: string | undefined): AsyncGenerator<readonly Cell[]> {
  const { readXls } = await import('hucre/xlsx');
  const { sheets } = await readXls(await readFile(path));
  yield* (wanted === undefined ? sheets[0] : sheets.find(({ name }) => name === wanted))?.rows ?? [];
}

async function* whole(path: string, wanted: string | undefined): AsyncGenerator<readonly Cell[]> {
  const { read, utils } = await import('@e965/xlsx');
  const book = read(await readFile(path), { dense: true, cellDates: true, UTC: true, sheets: wanted ?? 0 });
  // It takes anything for a table, were it only one letter.
  if (!BOOKS.has(String(book.bookType))) throw new ToolError('workbook_unreadable', UNREADABLE);
  const sheet = book.Sheets[wanted ?? book.SheetNames[0] ?? ''];
  if (sheet === undefined) return;
  yield* utils.sheet_to_json<Cell[]>(sheet, { header: 1, raw: true, defval: null, blankrows: false, UTC: true });
}

/** XLSB and ODS are archives like XLSX, and say what they are in the names of their parts. */
async function kindOf(path: string): Promise<'xlsx' | 'other' | 'xls' | undefined> {
  await using file = await open(path);
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer: head } = await file.read(Buffer.alloc(8), 0, 8, 0);
  // Anything shorter than its own header would be read as letters.
  if (head.equals(COMPOUND)) return size >= 1024 ? 'xls' : undefined;
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const parts = buffer.toString('latin1');
  if (parts.includes('xl/workbook.xml')) return 'xlsx';
  return parts.includes('xl/workbook.bin') || parts.includes('content.xml') ? 'other' : undefined;
}

/** What an archive says that it becomes. One that lies meets the limit of memory. */
async function refuseLargeArchive(path: string): Promise<void> {
  const { openPromise } = await import('yauzl');
  const archive = await openPromise(path, { lazyEntries: true });
  let unpacked = 0;
  for await (const entry of archive.eachEntry()) unpacked += entry.uncompressedSize;
  if (unpacked <= MAX_UNPACKED_BYTES) return;
  throw new ToolError('workbook_too_large', `The workbook becomes ${unpacked} bytes when it is unpacked.`);
}
