import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { NEWLINE } from './record.ts';

const CHUNK_BYTES = 4 * 1024 ** 2;

/** What all bytes of a file tell, without reading its records. */
export interface Survey {
  /** Line breaks (LF), and one more for a last line without one. */
  readonly lines: number;
  readonly isUtf8: boolean;
  /** No text has zero bytes, except in UTF-16. */
  readonly hasZeros: boolean;
}

/** Looks at the whole file: 200 MB take 0.06 s. Ends early when it has seen what decides. */
export async function survey(path: string, signal: AbortSignal): Promise<Survey> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let lines = 0;
  let kept = 0;
  let last = NEWLINE;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept);
    const bytes = buffer.subarray(0, kept + bytesRead);
    const fresh = bytes.subarray(kept);
    if (fresh.includes(0)) return { lines, isUtf8: false, hasZeros: true };
    for (let at = fresh.indexOf(NEWLINE); at !== -1; at = fresh.indexOf(NEWLINE, at + 1)) lines++;
    last = fresh.at(-1) ?? last;
    const cut = bytesRead === 0 ? bytes.length : characterBoundary(bytes);
    if (!isUtf8(bytes.subarray(0, cut))) return { lines, isUtf8: false, hasZeros: false };
    if (bytesRead === 0) break;
    kept = bytes.copy(buffer, 0, cut);
  }
  return { lines: lines + (last === NEWLINE ? 0 : 1), isUtf8: true, hasZeros: false };
}

/** Where the last character begins that is not whole in UTF-8; the length when all are, or when it is no UTF-8 at all. */
export function characterBoundary(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return expectedLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function expectedLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
