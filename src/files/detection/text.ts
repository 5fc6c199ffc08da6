import { detectDelimited } from './delimited.js';
import { detectJson } from './json.js';
import { detectMarkup } from './markup.js';
import type { MediaType } from './media-type.js';

/** Characters, and how certain we are of them. */
export interface Text {
  readonly content: string;
  /** Whether nothing follows. */
  readonly whole: boolean;
  /** `unknown`: no control bytes, but not UTF-8 either. Such text is believed only where it says itself what it is. */
  readonly encoding: 'utf-8' | 'utf-16' | 'unknown';
}

const PLAIN: MediaType = { type: 'text/plain', extension: 'txt' };

/** Formats that may look like text from end to end and say at once what they are. */
const SIGNATURES: readonly (readonly [RegExp, MediaType])[] = [
  [/^%PDF-/, { type: 'application/pdf', extension: 'pdf' }],
  [/^%!PS-Adobe-\d\.\d EPSF-/, { type: 'application/eps', extension: 'eps' }],
  [/^%!PS/, { type: 'application/postscript', extension: 'ps' }],
  [/^\{\\rtf/, { type: 'application/rtf', extension: 'rtf' }],
  [/^BEGIN:VCARD\s/, { type: 'text/vcard', extension: 'vcf' }],
  [/^BEGIN:VCALENDAR\s/, { type: 'text/calendar', extension: 'ics' }],
  [/^WEBVTT(?:\s|$)/, { type: 'text/vtt', extension: 'vtt' }],
  [/^-----BEGIN PGP MESSAGE-----/, { type: 'application/pgp-encrypted', extension: 'pgp' }],
];

/** The bytes as text, or undefined when they are not: a byte order mark decides, else it must be UTF-8. */
export function readText(head: Uint8Array, whole: boolean): Text | undefined {
  const encoding = byteOrderMark(head) ?? 'utf-8';
  const content = decode(head, encoding, whole);
  if (content !== undefined) {
    return isPlain(content) ? { content, whole, encoding: encoding === 'utf-8' ? 'utf-8' : 'utf-16' } : undefined;
  }
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  return isPlain(bytes) ? { content: bytes, whole, encoding: 'unknown' } : undefined;
}

/** What kind of text. Undefined only for text of an unknown encoding that does not say itself what it is. */
export function detectText(text: Text): MediaType | undefined {
  const declared = SIGNATURES.find(([pattern]) => pattern.test(text.content))?.[1] ?? detectMarkup(text);
  if (declared || text.encoding === 'unknown') return declared;
  if (text.encoding === 'utf-16') return PLAIN;
  return detectJson(text) ?? detectDelimited(text) ?? PLAIN;
}

function byteOrderMark([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

/** A decoder that waits for more (`stream`) forgives a character that is cut at the end. */
function decode(head: Uint8Array, encoding: string, whole: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(head, { stream: !whole });
  } catch {
    return undefined;
  }
}

/** Without the control characters that show that data is binary (WHATWG MIME Sniffing §3). */
function isPlain(content: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u0008\u000B\u000E-\u001A\u001C-\u001F]/.test(content);
}
