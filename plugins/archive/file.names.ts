/** What can stand in no name on one system or another. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|]/gu;
/** The end of a name is kept, with the extension, when it is too long. */
const MAX_BYTES = 200;

/** Gives each file a name of its own: `a.txt`, then `a (2).txt`, whatever upper case and accents are written like. */
export class FileNames {
  private readonly taken = new Set<string>();
  /** Where to go on counting, so that a thousand equal names are not a million questions. */
  private readonly counts = new Map<string, number>();

  /** @param wanted any text */
  add(wanted: string): string {
    const name = harmless(wanted);
    if (this.take(name)) return name;
    const dot = name.lastIndexOf('.');
    const stem = dot > 0 ? name.slice(0, dot) : name;
    const extension = dot > 0 ? name.slice(dot) : '';
    for (let number = this.counts.get(keyOf(name)) ?? 2; ; number++) {
      const other = `${stem} (${number})${extension}`;
      if (!this.take(other)) continue;
      this.counts.set(keyOf(name), number + 1);
      return other;
    }
  }

  private take(name: string): boolean {
    const key = keyOf(name);
    if (this.taken.has(key)) return false;
    this.taken.add(key);
    return true;
  }
}

function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** One name without folders, as the platform would keep it. */
function harmless(wanted: string): string {
  const name = lastBytes(wanted.toWellFormed().normalize('NFC').replace(FORBIDDEN, '_'))
    .trim()
    .replace(/[.\s]{1,200}$/, '');
  return name === '' ? 'file' : name;
}

function lastBytes(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_BYTES) return name;
  const end = bytes.subarray(-MAX_BYTES);
  const start = end.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return end.subarray(start).toString();
}
