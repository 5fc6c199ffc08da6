import { detectBinary } from './binary.js';
import { type MediaType, UNKNOWN } from './media-type.js';
import { detectText, readText } from './text.js';

/** How much of the beginning is enough. What file-type recommends. */
export const HEAD_BYTES = 4100;

/**
 * The type of a file, by the bytes it begins with; neither its name nor what a client claims is asked.
 * Text is judged first and by ourselves, because file-type takes a letter that begins with `BM` for a bitmap.
 *
 * @param head the first HEAD_BYTES or more, or all there are
 * @param whole whether nothing follows; without it the last character, value or line may be cut
 * @returns `application/octet-stream` for what nobody knows; never rejects, whatever the bytes are
 */
export async function detect(head: Uint8Array, whole: boolean): Promise<MediaType> {
  if (head.length === 0) return UNKNOWN;
  const text = readText(head, whole);
  return (text && detectText(text)) ?? (await detectBinary(head)) ?? UNKNOWN;
}
