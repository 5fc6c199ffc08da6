import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { MAX_COLUMNS } from '../caps.ts';
import { explained, explain, isMachine } from '../engine.ts';
import { literal, PARQUET } from '../sql.text.ts';
import { Rejects } from '../tables/rejects.ts';
import type { Table } from '../tables/table.ts';
import type { Intake } from '../tables/intake.ts';
import { findForm, type Form } from './dialect.ts';
import { byteOrderMark, type Encoding, isUnicode, isWide, looksWide } from './encoding.ts';
import { judgeEncoding } from './lines.ts';
import { split, type Split } from './split.ts';
import { characterBoundary, survey, type Survey } from './survey.ts';
import { asText, guess, namesOnly, readCsv } from './types.ts';
import { narrow } from './wide.ts';

/** What is looked at before anything is decided. */
const HEAD_BYTES = 1024 ** 2;

/** The file as it is read: the input, or what was made of it. */
interface Source {
  readonly path: string;
  readonly size: number;
  /** Undefined: UTF-8 unless something is found that is not. */
  readonly encoding: Encoding | undefined;
  readonly skip: number;
  readonly form: Form;
  readonly isUtf8: boolean;
  /** Half a character of UTF-16 at the end. */
  readonly odd: Buffer | undefined;
}

/** What was found, and how. */
interface Result {
  readonly rows: number;
  readonly encoding: Encoding;
  readonly acceptedBytes: number;
}

/**
 * Makes a table of a CSV file. A file that is clean is read by DuckDB at once, while its lines are counted; when the two
 * do not agree, or DuckDB meets anything that it cannot read, every record is looked at, and those that cannot be read
 * are put aside.
 */
export async function importCsv(intake: Intake, input: InputFile): Promise<Table> {
  const { engine, run, target } = intake;
  const source = await openSource(intake, input);
  await using rejects = new Rejects(`${target}.rejected`);
  const isPromising = source.form.clean && source.isUtf8 && isUnicode(source.encoding ?? 'utf-8');
  const quick = isPromising ? await readAtOnce(intake, source, rejects) : undefined;
  const result = quick ?? (await readCarefully(intake, source, rejects));
  await rejects.close();
  const { encoding, rows, acceptedBytes } = result;
  if (acceptedBytes + rejects.bytes !== input.size) throw new Error('Bytes are missing in the account.');
  if (rows === 0 && rejects.count > 0) throw unclear(source.form, rejects);
  run.log.info(`${quick ? 'Read at once' : 'Read record by record'}: ${rows} rows, ${rejects.count} rejected.`);
  return {
    path: target,
    columns: await engine.columns(`FROM ${literal(target)}`),
    rejects: rejects.count > 0 ? rejects.path : undefined,
    report: {
      name: input.name,
      format: 'csv',
      rows,
      encoding,
      delimiter: String.fromCharCode(source.form.dialect.delimiter),
      header: source.form.hasHeader,
      rejected: { count: rejects.count, reasons: rejects.reasons, first: rejects.first },
      bytes: { input: input.size, accepted: acceptedBytes, rejected: rejects.bytes },
    },
  };
}

async function openSource({ run, reading, target }: Intake, { path, size }: InputFile): Promise<Source> {
  const head = await readHead(path);
  const mark = byteOrderMark(head);
  const encoding = reading.encoding === 'auto' ? (mark?.encoding ?? looksWide(head)) : reading.encoding;
  const skip = mark !== undefined && mark.encoding === encoding ? mark.length : 0;
  if (encoding === undefined || !isWide(encoding)) return inspect(path, head.subarray(skip));

  const narrowed = `${target}.utf8`;
  const odd = await narrow(path, narrowed, { encoding, skip }, run.signal);
  return inspect(narrowed, await readHead(narrowed), odd);

  function inspect(readFrom: string, sample: Buffer, rest?: Buffer): Source {
    const form = findForm(sample, sample.length < HEAD_BYTES - 3, reading);
    if (form === undefined) throw new ToolError('table_empty', 'The file has no records.');
    if (form.columns > MAX_COLUMNS) throw tooManyColumns();
    const isText = isUtf8(sample.subarray(0, characterBoundary(sample)));
    return { path: readFrom, size, encoding, skip, form, isUtf8: isText, odd: rest };
  }
}

/** Undefined when it is not clean after all. */
async function readAtOnce(intake: Intake, source: Source, rejects: Rejects): Promise<Result | undefined> {
  const { run, progress } = intake;
  const [copied, counted] = await copyAndCount(intake, source);
  run.signal.throwIfAborted();
  if (counted.status === 'fulfilled' && !counted.value.isUtf8) return undefined;
  if (copied.status === 'rejected') {
    if (explain(copied.reason, run, 'table_unreadable', '') instanceof ToolError) return undefined;
    throw copied.reason;
  }
  if (counted.status === 'rejected') throw counted.reason;
  const rows = copied.value;
  const result = { rows, encoding: 'utf-8', acceptedBytes: source.size };
  const header = source.form.hasHeader ? 1 : 0;
  if (counted.value.lines === rows + header) return result;

  // Blank lines, or line breaks in quotes; or a record that is missing.
  progress(0.9, 'Counting the records');
  const { records } = await splitSource(intake, source, rejects, { encoding: 'utf-8', mixed: false });
  return rejects.count === 0 && records === rows + header ? result : undefined;
}

/** Both at the same time; what fails first ends the other. */
function copyAndCount(
  intake: Intake,
  { path, form }: Source,
): Promise<[PromiseSettledResult<number>, PromiseSettledResult<Survey>]> {
  const { engine, run } = intake;
  const controller = new AbortController();
  const counting = survey(path, AbortSignal.any([run.signal, controller.signal])).then((found) => {
    if (!found.isUtf8) engine.stop();
    return found;
  });
  const copying = copy(intake, path, form).catch((error: unknown) => {
    controller.abort();
    throw error;
  });
  return Promise.allSettled([copying, counting]);
}

async function readCarefully(intake: Intake, source: Source, before: Rejects): Promise<Result> {
  const { run, target, progress } = intake;
  await before.forget();
  const judgement =
    source.encoding === undefined
      ? await judgeEncoding(source.path, run.signal)
      : { encoding: source.encoding, mixed: false };
  const accepted = `${target}.accepted`;
  const { records, acceptedBytes } = await splitSource(intake, source, before, judgement, accepted);
  if (source.odd) before.add(source.odd, { line: 0, column: 0, reason: 'undecodable' });
  const header = source.form.hasHeader ? 1 : 0;
  const rows = Math.max(records - header, 0);
  if (rows === 0 && before.count > 0) throw unclear(source.form, before);

  progress(0.5, 'Reading the records');
  const clean = { ...source.form, preamble: 0, normalised: true };
  const copied = await explained(
    copy(intake, accepted, clean),
    run,
    'table_unreadable',
    'The file cannot be read as a table.',
  );
  if (copied !== rows) {
    throw new ToolError(
      'rows_unaccounted',
      `Of ${rows} rows that were counted, ${copied} were read. Please report this file.`,
    );
  }
  return { rows, encoding: judgement.encoding, acceptedBytes };
}

function splitSource(
  { run, progress }: Intake,
  { path, form, skip, size, encoding }: Source,
  rejects: Rejects,
  judgement: { readonly encoding: Encoding; readonly mixed: boolean },
  accepted?: string,
): Promise<Split> {
  const isNarrowed = encoding !== undefined && isWide(encoding);
  return split(path, {
    form,
    ...judgement,
    skip,
    begin: isNarrowed ? 0 : skip,
    accepted,
    rejects,
    progress: (bytes) => progress(Math.min(0.5, (0.5 * bytes) / size), 'Looking at each record'),
    signal: run.signal,
  });
}

/** Types are guessed from the first records; where they do not hold, from all of them; and where that fails, all is text. */
async function copy({ engine, target, perform }: Intake, path: string, form: Form): Promise<number> {
  const write = (source: string): Promise<number> =>
    perform(`COPY (FROM ${source}) TO ${literal(target)} (${PARQUET})`, 'Reading the table');
  const first = await guess(engine, path, form, 'first').catch((error: unknown) => {
    if (!form.normalised || isMachine(error)) throw error;
    return namesOnly(engine, path, form);
  });
  try {
    return await write(readCsv(path, form, first));
  } catch (error) {
    if (!isConversion(error)) throw error;
  }
  const typing = await guess(engine, path, form, 'all').catch(() => asText(first));
  try {
    return await write(readCsv(path, form, typing));
  } catch (error) {
    if (!isConversion(error)) throw error;
    return write(readCsv(path, form, asText(first)));
  }
}

function isConversion(error: unknown): boolean {
  return /error when converting column|conversion error|could not convert/i.test(String(error));
}

async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

function unclear({ columns }: Form, { count }: Rejects): ToolError {
  return new ToolError(
    'table_unclear',
    `None of ${count} records fits a table of ${columns} columns. Name the delimiter, the header or the encoding.`,
  );
}

function tooManyColumns(): ToolError {
  return new ToolError('too_many_columns', `The table has more than ${MAX_COLUMNS} columns.`);
}
