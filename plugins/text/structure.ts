import { ToolError } from 'toolyard/sdk';
import { MAX_DEPTH } from './limits.ts';

/** What all formats have in common. Whole numbers may be of any size; dates are only in TOML. */
export type Value = null | boolean | number | bigint | string | Date | Value[] | { [key: string]: Value };

/**
 * What a reader made, with nothing in it that no format has: bytes (`!!binary` of YAML) are Base64, and whole numbers that
 * are exact as numbers are numbers.
 */
export function valueFrom(made: unknown): Value {
  if (made instanceof Date) return made;
  if (made instanceof Uint8Array) return Buffer.from(made).toString('base64');
  if (Array.isArray(made)) return made.map(valueFrom);
  if (typeof made === 'bigint') return Number.isSafeInteger(Number(made)) ? Number(made) : made;
  if (typeof made === 'string' || typeof made === 'number' || typeof made === 'boolean') return made;
  if (typeof made !== 'object' || made === null) return null;
  return Object.fromEntries(Object.entries(made).map(([key, member]) => [key, valueFrom(member)]));
}

export function isTable(value: Value): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** @throws ToolError `document_too_deep` */
export function refuseDepth(value: Value): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    level = level.flatMap(membersOf);
  }
}

function membersOf(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  return isTable(value) ? Object.values(value) : [];
}

export function tooDeep(): ToolError {
  return new ToolError('document_too_deep', `The document is nested deeper than ${MAX_DEPTH} levels.`);
}

/** The same, with the members of each table in the order of their names. */
export function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isTable(value)) return value;
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}

/** The format is at fault in a place that its reader names. @param reason the reader's words; one line is told */
export function invalid(format: string, reason: string): ToolError {
  const line = (reason.split('\n', 1)[0] ?? '')
    .replaceAll(/[\p{Cc}]/gu, ' ')
    .trim()
    .slice(0, 200);
  return new ToolError('document_invalid', `The document is not ${format}: ${line.replace(/[.:]$/, '')}.`);
}

export function unsupported(format: string, what: string): ToolError {
  return new ToolError('value_unsupported', `${format} cannot hold ${what}.`);
}

/** Runs a reader or writer that goes down into what is nested until its stack ends. */
export function withoutOverflow<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (Object(error).message === 'Maximum call stack size exceeded') throw tooDeep();
    throw error;
  }
}
