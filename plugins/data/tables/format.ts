import { open } from 'node:fs/promises';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { byteOrderMark, looksWide } from '../csv/encoding.ts';
import type { Format, Reading } from './reading.ts';

const HEAD_BYTES = 64 * 1024;

/** The first bytes of those that are no text. */
const MAGIC: readonly (readonly [string, Format])[] = [
  ['PAR1', 'parquet'],
  ['PK\u0003\u0004', 'xlsx'],
  ['\u00D0\u00CF\u0011\u00E0', 'xlsx'],
];

/** What a file is, by its bytes, unless the user says it. */
export async function formatOf(input: InputFile, { from }: Reading): Promise<Format> {
  if (input.size === 0) throw new ToolError('table_empty', 'The file is empty.');
  if (from !== 'auto') return from;
  await using file = await open(input.path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  const head = buffer.subarray(0, bytesRead);
  const start = head.toString('latin1', 0, 4);
  const binary = MAGIC.find(([magic]) => start === magic)?.[1];
  if (binary !== undefined) return binary;
  if (input.type === 'application/json') return 'json';
  if (input.type === 'application/x-ndjson') return 'ndjson';
  if (isBinary(head)) {
    throw new ToolError('format_unknown', 'The file is neither text nor Parquet nor a workbook.');
  }
  return jsonOrTable(head, input.size > bytesRead);
}

/** Control characters are in no text, and zero bytes only in UTF-16. */
function isBinary(head: Buffer): boolean {
  if (byteOrderMark(head) !== undefined || looksWide(head) !== undefined) return false;
  const odd = head.filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length;
  return odd > head.length / 20;
}

function jsonOrTable(head: Buffer, isCut: boolean): Format {
  const text = head
    .toString()
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (!text.startsWith('{') && !text.startsWith('[')) return 'csv';
  const [first = '', second] = text.split('\n');
  if (!isJson(first)) return text.startsWith('{') || isCut || isJson(text) ? 'json' : 'csv';
  return second === undefined || second.trim() === '' ? 'json' : 'ndjson';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
