import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { MAX_COLUMNS, MAX_OBJECT_BYTES } from '../caps.ts';
import { byteOrderMark, isWide, looksWide } from '../csv/encoding.ts';
import { narrow } from '../csv/wide.ts';
import { explain, explained } from '../engine.ts';
import { literal, PARQUET } from '../sql.text.ts';
import type { Intake } from '../tables/intake.ts';
import { Rejects } from '../tables/rejects.ts';
import type { Table } from '../tables/table.ts';
import { splitLines } from './lines.ts';
import { refuseDeepJson } from './nesting.ts';

const UNREADABLE = 'The file is not JSON that holds rows: a list of objects, one object, or objects one a line.';

/** Makes a table of a JSON document: a list of objects, or one. There is no way to leave out a part of a document. */
export async function importJson(intake: Intake, input: InputFile): Promise<Table> {
  const path = await withoutMark(intake, input.path);
  await refuseDeepJson(path, intake.run.signal);
  const work = copy(intake, path, 'auto');
  const rows = await explained(work, intake.run, 'json_unreadable', UNREADABLE);
  return tableOf(intake, input, { format: 'json', rows });
}

/** Makes a table of JSON lines. Lines that are no JSON objects are put aside. */
export async function importLines(intake: Intake, input: InputFile): Promise<Table> {
  const { run, target } = intake;
  await refuseDeepJson(input.path, run.signal);
  try {
    return await tableOf(intake, input, {
      format: 'ndjson',
      rows: await copy(intake, input.path, 'newline_delimited'),
    });
  } catch (error) {
    if (!(explain(error, run, 'json_unreadable', UNREADABLE) instanceof ToolError)) throw error;
  }
  await using rejects = new Rejects(`${target}.rejected`);
  const accepted = `${target}.accepted`;
  const bytes = await splitLines(input.path, accepted, rejects, run.signal);
  await rejects.close();
  if (bytes === 0) throw new ToolError('json_unreadable', UNREADABLE);
  const work = copy(intake, accepted, 'newline_delimited');
  const rows = await explained(work, run, 'json_unreadable', UNREADABLE);
  const account = { input: input.size, accepted: bytes, rejected: rejects.bytes };
  const rejected = { count: rejects.count, reasons: rejects.reasons, first: rejects.first };
  const table = await tableOf(intake, input, { format: 'ndjson', rows, rejected, bytes: account });
  return { ...table, rejects: rejects.count > 0 ? rejects.path : undefined };
}

/** The path of the same in UTF-8 without a byte order mark, which DuckDB takes for part of the document. */
async function withoutMark({ target, run }: Intake, path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  const head = buffer.subarray(0, bytesRead);
  const mark = byteOrderMark(head);
  const encoding = mark?.encoding ?? looksWide(head);
  if (encoding === undefined) return path;
  const plain = `${target}.json`;
  const skip = mark?.length ?? 0;
  if (isWide(encoding)) await narrow(path, plain, { encoding, skip }, run.signal);
  else await pipeline(createReadStream(path, { start: skip }), createWriteStream(plain), { signal: run.signal });
  return plain;
}

/** Every object is looked at for its columns: with a sample, what comes later would be left out, and nobody told. */
function copy({ perform, target }: Intake, path: string, format: string): Promise<number> {
  const source = `read_json(${literal(path)}, format = ${literal(format)}, sample_size = -1, maximum_object_size = ${MAX_OBJECT_BYTES})`;
  return perform(`COPY (FROM ${source}) TO ${literal(target)} (${PARQUET})`, 'Reading the objects');
}

async function tableOf(
  { engine, target }: Intake,
  { name }: InputFile,
  found: Omit<Table['report'], 'name'>,
): Promise<Table> {
  const columns = await engine.columns(`FROM ${literal(target)}`);
  if (columns.length > MAX_COLUMNS) {
    throw new ToolError('too_many_columns', `The table has more than ${MAX_COLUMNS} columns.`);
  }
  return { path: target, columns, rejects: undefined, report: { name, ...found } };
}
