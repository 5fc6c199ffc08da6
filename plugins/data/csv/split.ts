import { isAscii, isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { ToolError } from 'toolyard/sdk';
import { MAX_RECORD_BYTES } from '../caps.ts';
import { BufferedFile } from '../tables/buffered.file.ts';
import type { Rejects } from '../tables/rejects.ts';
import type { Form } from './dialect.ts';
import { type Encoding, isUnicode, isWide, toUtf8, toWide } from './encoding.ts';
import { NEWLINE, RecordReader } from './record.ts';

/** A record may be cut by the end of a chunk, and is then read again with the next one. */
const CHUNK_BYTES = 4 * MAX_RECORD_BYTES;

export interface SplitPlan {
  readonly form: Form;
  /** Of the file. What is UTF-16 is in UTF-8 by now, and rejected records are turned back. */
  readonly encoding: Encoding;
  /** Whether lines in UTF-8 are refused, because the file is in an old encoding. */
  readonly mixed: boolean;
  /** Bytes of the byte order mark in the user's file. */
  readonly skip: number;
  /** Where the records begin in the file that is read. */
  readonly begin: number;
  /** Where records go that can be read, in UTF-8 and with LF. Undefined: they are only counted. */
  readonly accepted: string | undefined;
  readonly rejects: Rejects;
  /** Told the bytes done so far. */
  readonly progress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What became of the records. */
export interface Split {
  /** Records that can be read, the header among them. */
  readonly records: number;
  /** Bytes of the file that are not in rejected records. */
  readonly acceptedBytes: number;
}

/** Tells the records of a file that can be read from those that cannot, byte by byte: each is in one of the two. */
export async function split(path: string, plan: SplitPlan): Promise<Split> {
  await using file = await open(path);
  await using splitter = new Splitter(plan);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let kept = 0;
  let position = plan.begin;
  for (;;) {
    plan.signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, position);
    position += bytesRead;
    const length = kept + bytesRead;
    const used = splitter.take(buffer, length, bytesRead === 0);
    await splitter.settle();
    plan.progress(position);
    if (bytesRead === 0) break;
    kept = buffer.copy(buffer, 0, used, length);
  }
  await splitter.close();
  return { records: splitter.records, acceptedBytes: plan.skip + splitter.acceptedBytes };
}

class Splitter implements AsyncDisposable {
  records = 0;
  acceptedBytes = 0;
  private readonly reader: RecordReader;
  private readonly accepted: BufferedFile | undefined;
  private readonly plan: SplitPlan;
  private line = 1;
  private seen = 0;
  private isInLongLine = false;
  /** Accepted bytes that follow each other, not yet handed on. */
  private from = 0;
  private to = 0;
  private isAscii = true;
  private hasZeros = false;

  constructor(plan: SplitPlan) {
    this.plan = plan;
    this.reader = new RecordReader(plan.form.dialect);
    this.accepted = plan.accepted === undefined ? undefined : new BufferedFile(plan.accepted);
  }

  /** Answers how many bytes of the buffer are done with. */
  take(buffer: Buffer, length: number, final: boolean): number {
    const bytes = buffer.subarray(0, length);
    this.isAscii = isAscii(bytes);
    this.hasZeros = bytes.includes(0);
    this.from = this.to = 0;
    let at = this.isInLongLine ? this.skipLongLine(bytes) : 0;
    this.from = this.to = at;
    while (at < length && this.reader.read(bytes, at, length, final)) {
      this.judge(bytes, at);
      at = this.reader.end;
    }
    this.handOn(bytes);
    return at;
  }

  async settle(): Promise<void> {
    await this.accepted?.settle();
    await this.plan.rejects.settle();
  }

  async close(): Promise<void> {
    await this.accepted?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.accepted?.[Symbol.asyncDispose]();
  }

  private judge(bytes: Buffer, start: number): void {
    const { fault, contentEnd, end, lines } = this.reader;
    // No record where there are several columns; with one, a missing value.
    const isBlank = fault === undefined && contentEnd === start && this.plan.form.columns > 1;
    if (!isBlank) this.seen++;
    const reason = isBlank ? undefined : this.reasonAgainst(bytes, start);
    if (reason === undefined) this.accept(bytes, start, isBlank);
    else this.reject(bytes, start, reason);
    this.isInLongLine = fault !== undefined && !this.endsLine(bytes[end - 1]);
    this.line += lines;
  }

  private reject(bytes: Buffer, start: number, reason: string): void {
    const { end, fields } = this.reader;
    this.handOn(bytes);
    const shown = bytes.subarray(start, end);
    this.plan.rejects.add(this.raw(shown), { line: this.line, column: fields, reason }, shown);
    this.from = this.to = end;
  }

  private reasonAgainst(bytes: Buffer, start: number): string | undefined {
    const { preamble, hasHeader } = this.plan.form;
    if (this.seen <= preamble) return 'before_header';
    const reason = this.reader.fault ?? this.faultIn(bytes, start);
    if (reason === undefined || !hasHeader || this.seen > preamble + 1) return reason;
    // Else the next record would be taken for the names.
    throw new ToolError('header_unreadable', `The header of the table cannot be read (${reason}).`);
  }

  private faultIn(bytes: Buffer, start: number): string | undefined {
    const { contentEnd, fields } = this.reader;
    const { columns, dialect } = this.plan.form;
    const isPadded = fields === columns + 1 && bytes[contentEnd - 1] === dialect.delimiter;
    if (fields < columns) return 'too_few_fields';
    if (fields > columns && !isPadded) return 'too_many_fields';
    if (this.isAscii && !this.hasZeros) return undefined;
    const content = bytes.subarray(start, contentEnd);
    if (this.hasZeros && content.includes(0)) return 'zero_bytes';
    return this.isText(content) ? undefined : 'undecodable';
  }

  private isText(content: Buffer): boolean {
    const { encoding, mixed } = this.plan;
    if (isWide(encoding)) return !content.includes(REPLACEMENT);
    if (isUnicode(encoding)) return isUtf8(content);
    if (isAscii(content)) return true;
    return !(mixed && isUtf8(content)) && toUtf8(content, encoding) !== undefined;
  }

  private accept(bytes: Buffer, start: number, isBlank: boolean): void {
    const { contentEnd, end } = this.reader;
    this.acceptedBytes += isWide(this.plan.encoding) ? 2 * bytes.toString('utf8', start, end).length : end - start;
    if (!isBlank) this.records++;
    if (!isBlank && bytes[contentEnd] === NEWLINE && end === contentEnd + 1) {
      this.to = end;
      return;
    }
    // The parser wants one kind of line break throughout.
    this.to = contentEnd;
    this.handOn(bytes);
    if (!isBlank) this.accepted?.add(LINE_BREAK);
    this.from = this.to = end;
  }

  private handOn(bytes: Buffer): void {
    const { from, to } = this;
    this.from = to;
    if (this.accepted === undefined || to === from) return;
    const run = bytes.subarray(from, to);
    const { encoding } = this.plan;
    const text = isWide(encoding) ? run : toUtf8(run, encoding);
    if (text === undefined) throw new Error('Records that were found to be text are none together.');
    this.accepted.add(text === run ? Buffer.from(run) : text);
  }

  /** As it stood in the file. */
  private raw(bytes: Buffer): Buffer {
    return isWide(this.plan.encoding) ? toWide(bytes, this.plan.encoding) : bytes;
  }

  private endsLine(byte: number | undefined): boolean {
    return byte === this.plan.form.dialect.newline;
  }

  private skipLongLine(bytes: Buffer): number {
    const found = bytes.indexOf(this.plan.form.dialect.newline);
    const end = found === -1 ? bytes.length : found + 1;
    this.plan.rejects.more(this.raw(bytes.subarray(0, end)));
    this.isInLongLine = found === -1;
    return end;
  }
}

const LINE_BREAK = Buffer.from([NEWLINE]);
/** U+FFFD in UTF-8: where there was half a character of UTF-16. */
const REPLACEMENT = Buffer.from('\uFFFD');
