import { MAX_RECORD_BYTES } from '../caps.ts';

export const NEWLINE = 10;
export const RETURN = 13;
const QUOTE = 34;
const SPACE = 32;

/** How the fields and records of a file are told apart. Quotes are `"`, doubled inside (RFC 4180). */
export interface Dialect {
  /** One byte: `,`, `;`, tab or `|`. */
  readonly delimiter: number;
  /** LF (CR LF counts as such), or CR alone in files of old. */
  readonly newline: typeof NEWLINE | typeof RETURN;
}

/** What can be wrong with a record, whatever its number of fields. */
export type RecordFault = 'unterminated_quote' | 'text_after_quote' | 'bare_carriage_return' | 'record_too_long';

/**
 * Reads one record after the other from a buffer. It is asked for millions of them, so it answers in its own fields and
 * makes no objects.
 */
export class RecordReader {
  /** Number of fields of the record, or the field in which the fault lies. */
  fields = 0;
  /** Where its bytes end, without the line break. */
  contentEnd = 0;
  /** Where the next record begins. */
  end = 0;
  fault: RecordFault | undefined;
  /** Line breaks in it, its own among them. */
  lines = 1;
  private isOpen = false;
  private readonly delimiter: number;
  private readonly newline: number;

  constructor({ delimiter, newline }: Dialect) {
    this.delimiter = delimiter;
    this.newline = newline;
  }

  /**
   * Reads the record that begins at `start`. After a fault, what is read is its first line only: who opens a quote and
   * never closes it loses that line, and not the rest of the file.
   *
   * @param length of the bytes in the buffer @param final whether nothing comes after them
   * @returns false when its end is not in the buffer yet
   */
  read(bytes: Buffer, start: number, length: number, final: boolean): boolean {
    this.fault = undefined;
    this.fields = 0;
    this.lines = 1;
    let at = start;
    for (;;) {
      this.fields++;
      at = this.skipField(bytes, at, length);
      if (this.fault !== undefined) return this.endOfLine(bytes, start, length, final);
      if (at >= length) return this.atEnd(bytes, start, length, final);
      if (bytes[at] !== this.delimiter) break;
      at++;
    }
    return this.finish(bytes, start, at, length, final);
  }

  /** Index of the delimiter or line break after a field, or `length`. */
  private skipField(bytes: Buffer, start: number, length: number): number {
    let at = start;
    while (bytes[at] === SPACE && at < length) at++;
    if (at < length && bytes[at] === QUOTE) return this.skipQuoted(bytes, at + 1, length);
    while (at < length && !this.ends(bytes[at])) at++;
    return at;
  }

  private skipQuoted(bytes: Buffer, start: number, length: number): number {
    let at = start;
    for (;;) {
      for (; at < length && bytes[at] !== QUOTE; at++) if (bytes[at] === this.newline) this.lines++;
      if (at >= length) return this.open(length);
      at++;
      if (at < length && bytes[at] === QUOTE) at++;
      else break;
    }
    while (at < length && bytes[at] === SPACE) at++;
    if (at < length && !this.ends(bytes[at])) this.fault = 'text_after_quote';
    return at;
  }

  private open(length: number): number {
    this.isOpen = true;
    return length;
  }

  private ends(byte: number | undefined): boolean {
    return byte === this.delimiter || byte === NEWLINE || byte === RETURN;
  }

  /** The buffer ends in the record: with it the file, or else there is more to come. */
  private atEnd(bytes: Buffer, start: number, length: number, final: boolean): boolean {
    const inQuotes = this.isOpen;
    this.isOpen = false;
    const isLong = length - start > MAX_RECORD_BYTES;
    if (!final && !isLong) return false;
    if (inQuotes) this.fault = 'unterminated_quote';
    else if (isLong) this.fault = 'record_too_long';
    if (this.fault !== undefined) return this.endOfLine(bytes, start, length, final);
    this.contentEnd = length;
    this.end = length;
    return true;
  }

  private finish(bytes: Buffer, start: number, at: number, length: number, final: boolean): boolean {
    this.contentEnd = at;
    this.end = at + 1;
    if (bytes[at] === RETURN && this.newline === NEWLINE) {
      if (at + 1 >= length && !final) return false;
      if (bytes[at + 1] === NEWLINE && at + 1 < length) this.end = at + 2;
      else if (at + 1 < length) {
        this.fault = 'bare_carriage_return';
        return this.endOfLine(bytes, start, length, final);
      }
    }
    // It is whole, so what follows it is the next record.
    if (at - start > MAX_RECORD_BYTES) this.fault = 'record_too_long';
    return true;
  }

  /** Of a line that is longer than a record may be, `end` is only where the buffer ends. */
  private endOfLine(bytes: Buffer, start: number, length: number, final: boolean): boolean {
    const found = bytes.indexOf(this.newline, start);
    const isFound = found !== -1 && found < length;
    if (!isFound && !final && length - start <= MAX_RECORD_BYTES) return false;
    this.lines = 1;
    this.end = isFound ? found + 1 : length;
    this.contentEnd = isFound ? found : length;
    return true;
  }
}
