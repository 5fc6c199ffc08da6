import { broken, isTurned, type Keep, orientationField, piece } from './strip.ts';

const PICTURE = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF']);

/** Bits of the first byte of VP8X. */
const HAS_PROFILE = 0x20;
const HAS_EXIF = 0x08;
const HAS_XMP = 0x04;

/** RFC 9649: a RIFF of chunks with a name, a length and a body of even length. What follows it is dropped. */
export function stripWebp(file: Buffer, keep: Keep): Uint8Array[] {
  const head = piece(file, 0, 12);
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8) !== 'WEBP') throw broken();
  const end = Math.min(8 + head.readUInt32LE(4), file.length);
  const chunks = [...chunksOf(file, 12, end)].filter(
    ({ name }) => PICTURE.has(name) || (name === 'ICCP' && keep.keepProfile),
  );
  // Only the extended form has metadata at all, and so something that turns it.
  const turned = isTurned(keep) && chunks[0]?.name === 'VP8X';
  const profile = chunks.some(({ name }) => name === 'ICCP');
  const body = chunks.map(({ name, bytes }) => (name === 'VP8X' ? flagged(bytes, { turned, profile }) : bytes));
  const kept = turned ? [...body, exif(keep)] : body;
  const size = Buffer.from(head);
  size.writeUInt32LE(4 + kept.reduce((sum, { length }) => sum + length, 0), 4);
  return [size, ...kept];
}

function* chunksOf(file: Buffer, start: number, end: number): Generator<{ name: string; bytes: Buffer }> {
  for (let at = start; at + 8 <= end;) {
    const length = file.readUInt32LE(at + 4);
    const bytes = piece(file, at, at + 8 + length + (length % 2));
    yield { name: bytes.toString('latin1', 0, 4), bytes };
    at += bytes.length;
  }
}

function flagged(chunk: Buffer, has: { turned: boolean; profile: boolean }): Buffer {
  const copy = Buffer.from(chunk);
  const others = (copy[8] ?? 0) & ~(HAS_PROFILE | HAS_EXIF | HAS_XMP);
  copy[8] = others | (has.profile ? HAS_PROFILE : 0) | (has.turned ? HAS_EXIF : 0);
  return copy;
}

function exif({ orientation }: Keep): Buffer {
  const body = orientationField(orientation);
  const chunk = Buffer.alloc(8 + body.length);
  chunk.write('EXIF', 'latin1');
  chunk.writeUInt32LE(body.length, 4);
  body.copy(chunk, 8);
  return chunk;
}
