/** Names of the datasets of record 2 that say something to people (IPTC-IIM 4.2). */
const NAMES: Readonly<Record<number, string>> = {
  5: 'title',
  15: 'category',
  25: 'keywords',
  40: 'instructions',
  55: 'created_on',
  80: 'creator',
  85: 'creator_title',
  90: 'city',
  92: 'sublocation',
  95: 'state',
  101: 'country',
  105: 'headline',
  110: 'credit',
  115: 'source',
  116: 'copyright',
  120: 'caption',
};

const MAX_TEXT = 1_000;
const MAX_FIELDS = 500;
const MARK = 0x1c;
const RECORD = 2;

/**
 * Reads IPTC, bare or wrapped by Photoshop, as it stands in a file. What is broken is left out; nothing is thrown.
 *
 * @returns a list for each name, because most of them may come more than once
 */
export function readIptc(bytes: Buffer): Readonly<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  // Whatever wraps the datasets, the first of them begins with these bytes.
  let at = bytes.indexOf(Buffer.of(MARK, RECORD));
  for (let count = 0; at !== -1 && at + 5 <= bytes.length && count < MAX_FIELDS; count += 1) {
    if (bytes[at] !== MARK) break;
    const length = bytes.readUInt16BE(at + 3);
    const name = bytes[at + 1] === RECORD ? NAMES[bytes[at + 2] ?? 0] : undefined;
    if (name !== undefined)
      (found[name] ??= []).push(text(bytes.subarray(at + 5, at + 5 + Math.min(length, MAX_TEXT))));
    at += 5 + length;
  }
  return found;
}

/** Few say which encoding they used. What is not UTF-8 is taken for Latin-1. */
function text(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8');
  return (utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8).trim();
}
