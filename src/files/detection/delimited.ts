import type { MediaType } from './media-type.js';

const CSV: MediaType = { type: 'text/csv', extension: 'csv' };
const TSV: MediaType = { type: 'text/tab-separated-values', extension: 'tsv' };
const KINDS: readonly (readonly [string, MediaType])[] = [
  ['\t', TSV],
  [',', CSV],
  [';', CSV],
];

/** One record, which quoted fields may stretch over several lines. */
interface TableRow {
  readonly separators: number;
  /** A separator stands at the edge of the line or before a space, as a comma does in a sentence. */
  readonly resemblesProse: boolean;
  readonly isBlank: boolean;
  /** Where the next row begins; undefined when the text ends before the line does. */
  readonly next: number | undefined;
}

/**
 * A table: two rows or more, all with the same number of separators, two at least, quotes honoured (RFC 4180).
 * With only one separator a row nothing may look like prose. A sample in which less than two rows end stays plain text.
 */
export function detectDelimited({ content, whole }: { content: string; whole: boolean }): MediaType | undefined {
  return KINDS.find(([separator]) => isTable(readRows(content, separator, whole)))?.[1];
}

function isTable(rows: readonly TableRow[]): boolean {
  const [first] = rows;
  if (!first || rows.length < 2 || first.separators === 0) return false;
  if (first.separators === 1 && rows.some(({ resemblesProse }) => resemblesProse)) return false;
  return rows.every(({ separators }) => separators === first.separators);
}

/** The rows that are complete, without blank ones at the end; none when the quotes make no sense. */
function readRows(content: string, separator: string, whole: boolean): TableRow[] {
  const rows: TableRow[] = [];
  let start: number | undefined = 0;
  while (start !== undefined && start < content.length) {
    const row = readRow(content, start, separator);
    if (!row) return [];
    if (whole || row.next !== undefined) rows.push(row);
    start = row.next;
  }
  while (rows.at(-1)?.isBlank) rows.pop();
  return rows;
}

function readRow(content: string, start: number, separator: string): TableRow | undefined {
  let separators = 0;
  let resemblesProse = false;
  let index = endOfField(content, start, separator);
  while (content[index] === separator) {
    const after = content[index + 1] ?? '\n';
    separators++;
    resemblesProse ||= index === start || ' \r\n'.includes(after);
    index = endOfField(content, index + 1, separator);
  }
  return index === -1
    ? undefined
    : { separators, resemblesProse, isBlank: index === start, next: startOfNextLine(content, index) };
}

/** Index of the separator or line end after the field, or of the end of the text; -1 when a closing quote is followed by something else. */
function endOfField(content: string, start: number, separator: string): number {
  const isQuoted = content[start] === '"';
  let index = isQuoted ? endOfQuotes(content, start) : start;
  while (index < content.length && !isDelimiter(content[index], separator)) {
    if (isQuoted) return -1;
    index++;
  }
  return index;
}

/** Index after the quote that closes the one at `start`; a doubled quote closes nothing. */
function endOfQuotes(content: string, start: number): number {
  let index = content.indexOf('"', start + 1);
  while (index !== -1 && content[index + 1] === '"') index = content.indexOf('"', index + 2);
  return index === -1 ? content.length : index + 1;
}

function isDelimiter(character: string | undefined, separator: string): boolean {
  return character === separator || character === '\n' || character === '\r';
}

function startOfNextLine(content: string, index: number): number | undefined {
  if (index >= content.length) return undefined;
  return content.startsWith('\r\n', index) ? index + 2 : index + 1;
}
