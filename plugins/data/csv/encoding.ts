import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** A detected or demanded encoding, by the name that iconv-lite knows. */
export type Encoding = string;

/** What is believed of a file when nothing tells more. */
const FALLBACK = 'windows-1252';

/** Those in which a byte of ASCII is always that letter, so that delimiters can be looked for before decoding. */
const WIDE = /^utf-?(16|32)/i;

/** Encodings of one byte a letter: any bytes are text in them, so text in UTF-8 must be told apart by looking. */
const SINGLE_BYTE = /^(windows-?125|windows-?874|iso-?8859|koi8|ibm|cp\d|mac|tis|x-mac|maccyrillic|ascii)/i;

export function isWide(encoding: Encoding): boolean {
  return WIDE.test(encoding);
}

export function isUnicode(encoding: Encoding): boolean {
  return encoding === 'utf-8';
}

export function isSingleByte(encoding: Encoding): boolean {
  return SINGLE_BYTE.test(encoding);
}

/** Bytes at the beginning that say in what encoding the rest is. */
export function byteOrderMark(head: Buffer): { encoding: Encoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** UTF-16 without a mark: in the tables of the world every second byte of digits and delimiters is zero. */
export function looksWide(start: Buffer): Encoding | undefined {
  const head = start.subarray(0, 4_096);
  const even = head.filter((byte, at) => byte === 0 && at % 2 === 0).length;
  const odd = head.filter((byte, at) => byte === 0 && at % 2 === 1).length;
  const enough = head.length / 4;
  if (odd > enough && even < enough / 8) return 'utf-16le';
  if (even > enough && odd < enough / 8) return 'utf-16be';
  return undefined;
}

/** Those of alphabets in which most letters are in ASCII. */
const LATIN = /^(windows-125[0247]|iso-8859-(1|2|9|15)|mac(roman|intosh)|ibm(437|850|852))$/i;

/** Which of the old encodings these lines are in. */
export async function guessLegacy(sample: Buffer): Promise<Encoding> {
  const { detect } = await import('jschardet');
  const { encoding } = detect(sample);
  if (encoding === null || /^(utf|ascii)/i.test(encoding) || !iconv.encodingExists(encoding)) return FALLBACK;
  // Of a handful of accents the detector makes Cyrillic; but whole words of them are what Cyrillic looks like.
  if (!LATIN.test(encoding) && !hasForeignWords(sample)) return FALLBACK;
  // Whoever says latin-1 means this one, which has letters where latin-1 has nothing.
  return encoding.toLowerCase() === 'iso-8859-1' ? FALLBACK : encoding.toLowerCase();
}

/** Whether most of the bytes beyond ASCII stand in rows of three and more. */
function hasForeignWords(sample: Buffer): boolean {
  let all = 0;
  let inWords = 0;
  let length = 0;
  for (const byte of [...sample, 0]) {
    if (byte >= 0x80) length++;
    else {
      all += length;
      if (length >= 3) inWords += length;
      length = 0;
    }
  }
  return inWords > all / 2;
}

/** As UTF-8; undefined when some of the bytes mean nothing in that encoding. */
export function toUtf8(bytes: Buffer, encoding: Encoding): Buffer | undefined {
  if (isAscii(bytes)) return bytes;
  if (isUnicode(encoding)) return isUtf8(bytes) ? bytes : undefined;
  const text = iconv.decode(bytes, encoding);
  return text.includes('\uFFFD') ? undefined : Buffer.from(text);
}

/** From UTF-8 back to UTF-16. */
export function toWide(bytes: Buffer, encoding: Encoding): Buffer {
  const wide = Buffer.from(bytes.toString(), 'utf16le');
  return encoding === 'utf-16be' ? wide.swap16() : wide;
}
