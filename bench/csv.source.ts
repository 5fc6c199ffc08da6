import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import iconv from 'iconv-lite';
import { randomNumbers } from '../test/random.ts';

/** Bytes of a source, more or less. */
const SOURCE_BYTES = 200_000_000;

const BLOCK_LINES = 5_000;
/** Of a mixed file every so many blocks one is in windows-1252 and one in UTF-16. */
const MIXED_BLOCKS = 25;
/** One of so many records is broken. */
const BROKEN_EACH = 400;

const HEADER = 'id,when,city,customer,qty,price,paid,note\n';
const CITIES = ['Lisboa', 'Porto', 'Évora', 'Setúbal', 'Faro', 'Coimbra'];

export type Encoding = 'utf-8' | 'windows-1252' | 'utf-16le';

export interface SourcePlan {
  readonly encoding: Encoding;
  /** Whether there are broken records, and the last one is cut. */
  readonly broken: boolean;
  /** Whether some lines are in other encodings than the file. */
  readonly mixed: boolean;
}

/** What is in a source, counted while it was written and known to nobody else. */
export interface Truth {
  bytes: number;
  /** Line breaks, and one for a last line without. */
  lines: number;
  /** Records that can be read, the header not among them. */
  rows: number;
  rejected: number;
  rejectedBytes: number;
  /** SHA-256 of the rejected records, one after the other. */
  rejectedHash: string;
  /** Of the ids of all rows. */
  idSum: number;
  /** Characters of the cities of all rows. */
  cityLength: number;
}

/** Writes a table of about 200 MB, the same on every machine. */
export async function writeSource(path: string, plan: SourcePlan): Promise<Truth> {
  const source = new Source(plan);
  const file = createWriteStream(path, { highWaterMark: 2 ** 22 });
  for (const block of source.blocks()) if (!file.write(block)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
  return source.truth();
}

class Source {
  private readonly plan: SourcePlan;
  private readonly random = randomNumbers(20_261_121);
  private readonly hash = createHash('sha256');
  private readonly found = { bytes: 0, lines: 0, rows: 0, rejected: 0, rejectedBytes: 0, idSum: 0, cityLength: 0 };
  private id = 0;

  constructor(plan: SourcePlan) {
    this.plan = plan;
  }

  *blocks(): Generator<Buffer> {
    const mark = this.plan.encoding === 'utf-16le' ? Buffer.from([0xff, 0xfe]) : Buffer.alloc(0);
    yield this.counted(Buffer.concat([mark, this.encoded(HEADER)]), 1);
    for (let block = 0; this.found.bytes < SOURCE_BYTES; block++) yield this.block(block % MIXED_BLOCKS);
    if (this.plan.broken) yield this.rejected('0,2025-01-01 10:00:00,Lisb', this.plan.encoding, 1);
  }

  truth(): Truth {
    return { ...this.found, rejectedHash: this.hash.digest('hex') };
  }

  private block(place: number): Buffer {
    if (this.plan.mixed && place === 7) return this.foreign('windows-1252');
    // Its line breaks end in the byte that ends a line of UTF-8, so that the line after it is whole.
    if (this.plan.mixed && place === 19) return this.foreign('utf-16be');
    const parts: Buffer[] = [];
    let good = '';
    for (let line = 0; line < BLOCK_LINES; line++) {
      const isBroken = this.plan.broken && this.random(BROKEN_EACH) === 0;
      if (!isBroken) {
        good += this.line();
        continue;
      }
      parts.push(this.accepted(good), this.rejected(this.brokenLine(), this.plan.encoding, 1));
      good = '';
    }
    return Buffer.concat([...parts, this.accepted(good)]);
  }

  /** Lines that nobody can read who takes the file for UTF-8. */
  private foreign(encoding: string): Buffer {
    const lines = Array.from({ length: BLOCK_LINES / 10 }, () => `${++this.id},,Évora,,,,,\n`);
    return this.rejected(lines.join(''), encoding, lines.length);
  }

  private line(): string {
    const id = ++this.id;
    const city = CITIES[id % CITIES.length] ?? '';
    this.found.rows++;
    this.found.idSum += id;
    this.found.cityLength += city.length;
    const [month, day] = [(id % 12) + 1, (id % 28) + 1].map((part) => String(part).padStart(2, '0'));
    const when = `2025-${month}-${day} 10:${String(id % 60).padStart(2, '0')}:00`;
    const note = id % 10 === 0 ? `"said ""no"", then yes, ${id}"` : `some words about order ${id}`;
    const price = ((id * 37) % 100_000) / 100;
    return `${id},${when},${city},customer-${(id * 7_919) % 100_003},${id % 100},${price},${id % 3 === 0},${note}\n`;
  }

  private brokenLine(): string {
    const id = ++this.id;
    const kinds = [
      `${id},too,few\n`,
      `${id},,,,,,,,,too many\n`,
      `${id},"text"after,,,,,,\n`,
      `${id},"never closed,,,,,,\n`,
    ];
    return kinds[id % kinds.length] ?? '';
  }

  private accepted(text: string): Buffer {
    return this.counted(this.encoded(text), text.split('\n').length - 1);
  }

  private rejected(text: string, encoding: string, records: number): Buffer {
    const bytes = encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, encoding);
    this.hash.update(bytes);
    this.found.rejected += records;
    this.found.rejectedBytes += bytes.length;
    return this.counted(bytes, records);
  }

  private counted(bytes: Buffer, lines: number): Buffer {
    this.found.bytes += bytes.length;
    this.found.lines += lines;
    return bytes;
  }

  private encoded(text: string): Buffer {
    return this.plan.encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, this.plan.encoding);
  }
}
