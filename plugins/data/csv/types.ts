import { z } from 'toolyard/sdk';
import type { Engine } from '../engine.ts';
import { type Column, columnStruct, identifier, literal } from '../sql.text.ts';
import type { Form } from './dialect.ts';

/** Records that types are guessed from at first: what DuckDB itself takes. */
const SAMPLE_RECORDS = 20_480;

/** What would become another text if it were read as a number: codes with zeros or a plus before, numbers too long. */
const NOT_A_NUMBER = String.raw`^\s*([+]|-?0\d|-?\d{19,}|-?\d*[.,]?\d*[eE])`;
/** `yes`, `t` and the like would come out as `true`. */
const NOT_A_BOOLEAN = String.raw`^\s*(true|false)\s*$`;

const columnSchema = z.object({ name: z.string(), type: z.string() });

/** How a file is read, once it is known. */
export interface Typing {
  readonly columns: readonly Column[];
  /** Formats of dates and times, as `strptime` has them; empty when they are as ISO 8601 has them. */
  readonly formats: Readonly<Record<'dateformat' | 'timestampformat', string>>;
}

/** Bytes that DuckDB reads at a time. Of its own 32 MiB each thread holds several, and to fill them costs a tenth of the time. */
const BUFFER = `buffer_size = ${8 * 1024 ** 2}`;

const LINE_FEEDS = String.raw`new_line = '\n'`;

const NO_FORMATS = { dateformat: '', timestampformat: '' } as const;

/** The call of `read_csv` that reads the file just so: nothing is guessed, skipped or padded. */
export function readCsv(path: string, { dialect, hasHeader, normalised }: Form, { columns, formats }: Typing): string {
  const given = Object.entries(formats).filter(([, format]) => format !== '');
  const options = [
    'auto_detect = false',
    'strict_mode = true',
    BUFFER,
    `delim = ${literal(String.fromCharCode(dialect.delimiter))}`,
    `quote = '"'`,
    `escape = '"'`,
    `header = ${hasHeader}`,
    ...(normalised ? [LINE_FEEDS] : []),
    ...given.map(([name, format]) => `${name} = ${literal(format)}`),
    `columns = ${columnStruct(columns)}`,
  ];
  return `read_csv(${[literal(path), ...options].join(', ')})`;
}

/** Names, and types as the first records suggest, or all of them. */
export async function guess(engine: Engine, path: string, form: Form, sample: 'first' | 'all'): Promise<Typing> {
  const { dialect, hasHeader, normalised } = form;
  const [row] = await engine.rows(
    `SELECT Columns, DateFormat, TimestampFormat FROM sniff_csv(${literal(path)},
      delim = ${literal(String.fromCharCode(dialect.delimiter))}, quote = '"', escape = '"', header = ${hasHeader},
      skip = 0, strict_mode = true, ${BUFFER}${normalised ? `, ${LINE_FEEDS}` : ''}, sample_size = ${sample === 'all' ? -1 : SAMPLE_RECORDS})`,
  );
  const { data: columns = [] } = z.array(columnSchema).safeParse(row?.['Columns']);
  if (columns.length !== form.columns) throw new Error('The columns are not those that were counted.');
  const formats = { dateformat: text(row?.['DateFormat']), timestampformat: text(row?.['TimestampFormat']) };
  return careful(engine, path, form, { columns, formats });
}

/** For files of which every record can be read, but of which DuckDB's own guess makes nothing: names, and all is text. */
export async function namesOnly(engine: Engine, path: string, form: Form): Promise<Typing> {
  const columns = Array.from({ length: form.columns }, (_, index) => ({ name: `column${index}`, type: 'VARCHAR' }));
  const plain = { columns, formats: NO_FORMATS };
  if (!form.hasHeader) return plain;
  const { rows } = await engine.head(`FROM ${readCsv(path, { ...form, hasHeader: false }, plain)} LIMIT 1`, 1);
  const taken = new Set<string>();
  return { ...plain, columns: columns.map((column, index) => named(column, rows[0]?.[index], taken)) };
}

function named(column: Column, given: unknown, taken: Set<string>): Column {
  const wanted = typeof given === 'string' && given !== '' ? given : column.name;
  let name = wanted;
  for (let count = 1; taken.has(name.toLowerCase()); count++) name = `${wanted}_${count}`;
  taken.add(name.toLowerCase());
  return { ...column, name };
}

/** Everything stays the text that it is. */
export function asText({ columns }: Typing): Typing {
  return { columns: columns.map(({ name }) => ({ name, type: 'VARCHAR' })), formats: NO_FORMATS };
}

/** Leaves as text what would not come out as it went in. */
async function careful(engine: Engine, path: string, form: Form, typing: Typing): Promise<Typing> {
  const doubtful = typing.columns.flatMap(({ name, type }) => {
    if (type === 'BOOLEAN')
      return [{ name, test: `NOT regexp_matches(lower(${identifier(name)}), ${literal(NOT_A_BOOLEAN)})` }];
    const isNumber = type === 'BIGINT' || type === 'DOUBLE';
    return isNumber ? [{ name, test: `regexp_matches(${identifier(name)}, ${literal(NOT_A_NUMBER)})` }] : [];
  });
  if (doubtful.length === 0) return typing;
  const tests = doubtful.map(({ name, test }) => `bool_or(${test}) AS ${identifier(name)}`);
  const source = readCsv(path, form, asText(typing));
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM (FROM ${source} LIMIT ${SAMPLE_RECORDS})`);
  const columns = typing.columns.map((column) =>
    row?.[column.name] === true ? { ...column, type: 'VARCHAR' } : column,
  );
  return { ...typing, columns };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
