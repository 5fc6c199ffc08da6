/** Bytes `start` to `end`, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const BYTES = /^bytes=(.*)$/i;
const FROM_TO = /^(\d+)-(\d*)$/;
const LAST = /^-(\d+)$/;

/**
 * The part that a `Range` field asks for, RFC 9110 §14. Undefined when the field is to be ignored and everything sent: it is
 * absent or malformed, has another unit, or asks for several parts, which costs much and which nobody needs.
 *
 * @param size of the whole, in bytes
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, set = ''] = BYTES.exec(header?.trim() ?? '') ?? [];
  const parts = set
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const [part] = parts;
  if (part === undefined || parts.length > 1) return undefined;

  const fromTo = FROM_TO.exec(part);
  if (fromTo) return between(Number(fromTo[1]), fromTo[2] ? Number(fromTo[2]) : Infinity, size);
  const last = LAST.exec(part);
  return last ? suffix(Number(last[1]), size) : undefined;
}

function between(start: number, end: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (start > end) return undefined;
  return start < size ? { start, end: Math.min(end, size - 1) } : 'unsatisfiable';
}

/** The end of nothing is nothing, which no `Content-Range` can say: the empty whole is sent. */
function suffix(length: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (length === 0) return 'unsatisfiable';
  return size === 0 ? undefined : { start: Math.max(0, size - length), end: size - 1 };
}
