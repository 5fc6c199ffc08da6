import { NEWLINE, RecordReader, RETURN, type Dialect } from './record.ts';

/** Where several fit equally well, the first. */
const DELIMITERS = [',', ';', '\t', '|'].map((character) => character.charCodeAt(0));

/** Lines before the header, such as a title. Beyond them nothing is looked for. */
const MAX_PREAMBLE = 20;

/** What the beginning of a file tells of its form. */
export interface Form {
  readonly dialect: Dialect;
  /** Fields that every record shall have. */
  readonly columns: number;
  readonly hasHeader: boolean;
  /** Records before the first that counts. */
  readonly preamble: number;
  /** Whether every record of the sample can be read. */
  readonly clean: boolean;
  /** Whether all records are known to end in LF. Else DuckDB finds out, and may be misled by what stands in quotes. */
  readonly normalised?: boolean;
}

export interface Wanted {
  readonly delimiter?: string | undefined;
  readonly header: 'auto' | 'yes' | 'no';
}

/**
 * Finds delimiter, line break, header and number of columns. Undefined when there is not one record.
 *
 * @param sample the beginning of the file, in UTF-8 or anything that has ASCII inside, without a byte order mark
 * @param whole whether the sample is the whole file
 */
export function findForm(sample: Buffer, whole: boolean, wanted: Wanted): Form | undefined {
  const newline = sample.includes(NEWLINE) || !sample.includes(RETURN) ? NEWLINE : RETURN;
  const [best] = candidates(sample, wanted)
    .map((delimiter) => view(sample, whole, { delimiter, newline }))
    .toSorted((a, b) => b.score - a.score || b.mode - a.mode);
  return best === undefined || best.counts.length === 0 ? undefined : form(best, wanted.header);
}

/** What does not occur delimits nothing; the first is always tried, for files of one column. */
function candidates(sample: Buffer, { delimiter }: Wanted): readonly number[] {
  if (delimiter !== undefined) return [delimiter.charCodeAt(0)];
  return DELIMITERS.filter((candidate, index) => index === 0 || sample.includes(candidate));
}

/** The sample, read with one delimiter. */
interface View {
  readonly dialect: Dialect;
  /** Fields of each record that can be read and is not blank, zero for what cannot. */
  readonly counts: readonly number[];
  readonly first: readonly string[][];
  readonly mode: number;
  readonly score: number;
}

function view(sample: Buffer, whole: boolean, dialect: Dialect): View {
  const reader = new RecordReader(dialect);
  const counts: number[] = [];
  const first: string[][] = [];
  let at = 0;
  while (at < sample.length && reader.read(sample, at, sample.length, whole)) {
    const content = sample.subarray(at, reader.contentEnd);
    at = reader.end;
    if (content.length === 0) continue;
    counts.push(reader.fault === undefined ? fieldsOf(content, reader.fields, dialect) : 0);
    if (first.length <= MAX_PREAMBLE) first.push(cells(content, dialect));
  }
  const mode = mostFrequent(counts);
  const share = counts.filter((count) => count === mode).length / Math.max(counts.length, 1);
  return { dialect, counts, first, mode, score: mode > 1 ? share : 0 };
}

/** A delimiter at the end of the line opens no field: neither DuckDB nor we read one there. */
function fieldsOf(content: Buffer, fields: number, { delimiter }: Dialect): number {
  return fields > 1 && content.at(-1) === delimiter ? -fields : fields;
}

function mostFrequent(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts.map(Math.abs)) if (count > 0) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].toSorted(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 1;
}

function form({ dialect, counts, first, mode }: View, header: Wanted['header']): Form {
  const widths = counts.map(Math.abs);
  const preamble = widths[0] === 1 && mode > 1 ? Math.max(widths.slice(0, MAX_PREAMBLE).indexOf(mode), 0) : 0;
  const top = first[preamble] ?? [];
  const hasHeader = header === 'auto' ? looksLikeHeader(top) : header === 'yes';
  const columns = (hasHeader && widths[preamble]) || mode;
  const clean = preamble === 0 && widths.every((width) => width === columns);
  return { dialect, columns, hasHeader, preamble, clean };
}

/** Numbers and dates are values; names are neither, and hardly ever missing. */
function looksLikeHeader(cells: readonly string[]): boolean {
  return !cells.some(isValue) && cells.filter((cell) => cell === '').length <= cells.length / 2;
}

function isValue(cell: string): boolean {
  return /^[-+]?[\d.,]*\d[\d.,]*%?$/.test(cell) || /^\d{1,4}[-/.]\d{1,2}[-/.]\d/.test(cell);
}

/** Good enough for judging a header: what is in quotes is taken whole. */
function cells(content: Buffer, { delimiter }: Dialect): string[] {
  const mark = String.fromCharCode(delimiter);
  const text = content.toString('latin1');
  const found: string[] = [];
  for (let at = 0; at <= text.length;) {
    const quoted = text[at] === '"';
    const close = quoted ? text.indexOf('"', at + 1) : -1;
    const next = text.indexOf(mark, Math.max(close, at));
    const end = next === -1 ? text.length : next;
    found.push(text.slice(at, end).replaceAll('"', '').trim());
    at = end + 1;
  }
  return found;
}
