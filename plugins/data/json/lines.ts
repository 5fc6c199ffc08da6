import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { MAX_OBJECT_BYTES } from '../caps.ts';
import { NEWLINE } from '../csv/record.ts';
import { BufferedFile } from '../tables/buffered.file.ts';
import type { Rejects } from '../tables/rejects.ts';

const CHUNK_BYTES = 2 * MAX_OBJECT_BYTES;

/**
 * Tells lines that are JSON from those that are not: those go to `rejects`, byte by byte.
 * Answers the number of bytes that are in neither of the rejected.
 */
export async function splitLines(path: string, target: string, rejects: Rejects, signal: AbortSignal): Promise<number> {
  await using file = await open(path);
  await using accepted = new BufferedFile(target);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let kept = 0;
  let line = 0;
  let bytes = 0;
  for (let ended = false; !ended;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept);
    ended = bytesRead === 0;
    const length = kept + bytesRead;
    const whole = ended || length === buffer.length;
    let at = 0;
    while (at < length) {
      const found = buffer.indexOf(NEWLINE, at);
      const isFound = found !== -1 && found < length;
      if (!isFound && !(whole && (ended || at === 0))) break;
      const end = isFound ? found + 1 : length;
      const content = buffer.subarray(at, end);
      const reason = faultIn(content);
      line++;
      if (reason === undefined) {
        bytes += content.length;
        accepted.add(Buffer.from(content));
      } else rejects.add(content, { line, column: 1, reason });
      at = end;
    }
    kept = buffer.copy(buffer, 0, at, length);
    await accepted.settle();
    await rejects.settle();
  }
  await accepted.flush();
  return bytes;
}

function faultIn(line: Buffer): string | undefined {
  if (line.length > MAX_OBJECT_BYTES) return 'record_too_long';
  if (!isUtf8(line)) return 'undecodable';
  const text = line.toString().trim();
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'not_an_object';
  } catch {
    return 'not_json';
  }
}
