import { setTimeout } from 'node:timers/promises';
import { fileTypeFromBuffer } from 'file-type';
import type { MediaType } from './media-type.js';

/** A detector reads what strangers wrote: it gets this long, and no longer. */
const DEADLINE_MS = 1000;
/** Largest single read that a length inside the bytes may ask for. */
const MAX_BUFFER_BYTES = 1024 * 1024;

const TIFF: MediaType = { type: 'image/tiff', extension: 'tif' };
/** TIFF 6.0 §2 and BigTIFF, in both byte orders. */
const TIFF_SIGNATURES = ['49492a00', '4d4d002a', '49492b00', '4d4d002b'];

/**
 * The type by magic number; undefined when there is none that we know, or none in time. Never rejects.
 *
 * Of zip-based formats the head often says enough: OOXML written by Office begins with `[Content_Types].xml`, OpenDocument and
 * EPUB with `mimetype`, and folder names such as `word/` count when the list of types comes later. Where none of these
 * stands in the head, it is `application/zip`.
 */
export async function detectBinary(head: Uint8Array): Promise<MediaType | undefined> {
  return (await byMagicNumber(head)) ?? tiff(head);
}

async function byMagicNumber(head: Uint8Array): Promise<MediaType | undefined> {
  const stop = new AbortController();
  const deadline = setTimeout(DEADLINE_MS, undefined, { signal: stop.signal, ref: false });
  try {
    const detection = fileTypeFromBuffer(head, { maxBufferSize: MAX_BUFFER_BYTES, signal: stop.signal });
    const found = await Promise.race([detection, deadline]);
    return found && { type: essence(found.mime), extension: found.ext };
  } catch {
    return undefined;
  } finally {
    stop.abort();
  }
}

/** `audio/ogg; codecs=opus` is `audio/ogg` to us. */
function essence(mime: string): string {
  return (mime.split(';', 1)[0] ?? mime).trim().toLowerCase();
}

/** Most writers put a TIFF's directory after its pixels, where file-type, which wants to read it, finds only the end of the head. */
function tiff(head: Uint8Array): MediaType | undefined {
  return TIFF_SIGNATURES.includes(Buffer.from(head.subarray(0, 4)).toString('hex')) ? TIFF : undefined;
}
