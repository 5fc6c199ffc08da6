/** What a colour profile says of itself. */
export interface Profile {
  readonly description: string | null;
  /** Such as `RGB`, `CMYK`, `GRAY`. */
  readonly space: string;
  readonly version: string;
  readonly bytes: number;
}

const MAX_TAGS = 100;
const MAX_TEXT = 200;

/** ICC.1:2022, §7. Undefined for what is no profile. */
export function readProfile(bytes: Buffer): Profile | undefined {
  if (bytes.length < 132 || bytes.toString('latin1', 36, 40) !== 'acsp') return undefined;
  return {
    description: description(bytes) ?? null,
    space: bytes.toString('latin1', 16, 20).trim(),
    version: `${bytes[8] ?? 0}.${(bytes[9] ?? 0) >> 4}`,
    bytes: bytes.length,
  };
}

function description(bytes: Buffer): string | undefined {
  const count = Math.min(bytes.readUInt32BE(128), MAX_TAGS);
  for (let at = 132; at < 132 + 12 * count && at + 12 <= bytes.length; at += 12) {
    if (bytes.toString('latin1', at, at + 4) !== 'desc') continue;
    const start = bytes.readUInt32BE(at + 4);
    return textOf(bytes.subarray(start, start + bytes.readUInt32BE(at + 8)));
  }
  return undefined;
}

/** Version 2 has one text in ASCII, version 4 one in UTF-16 for each language. */
function textOf(tag: Buffer): string | undefined {
  if (tag.length < 28) return undefined;
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc')
    return tag.toString('latin1', 12, 12 + Math.min(tag.readUInt32BE(8), MAX_TEXT)).replace(/\0.*/s, '');
  if (type !== 'mluc') return undefined;
  const start = tag.readUInt32BE(24);
  const wide = Buffer.from(tag.subarray(start, start + Math.min(tag.readUInt32BE(20), MAX_TEXT)));
  return wide.length % 2 === 0 ? wide.swap16().toString('utf16le') : undefined;
}
