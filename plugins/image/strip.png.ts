import { crc32 } from 'node:zlib';
import { broken, isTurned, type Keep, orientationField, piece } from './strip.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** What decides how the picture looks: pixels, transparency, colours, frames. Everything else is said about it. */
const PICTURE = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD hIST sPLT pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' '),
);

/** W3C PNG, 3rd edition, §5: chunks of a length, a name, a body and a checksum. What follows the last is dropped. */
export function stripPng(file: Buffer, keep: Keep): Uint8Array[] {
  if (!piece(file, 0, 8).equals(SIGNATURE)) throw broken();
  const kept: Uint8Array[] = [SIGNATURE];
  for (let at = 8; ;) {
    const length = piece(file, at, at + 4).readUInt32BE();
    const chunk = piece(file, at, at + 12 + length);
    const name = chunk.toString('latin1', 4, 8);
    if (PICTURE.has(name) || (name === 'iCCP' && keep.keepProfile)) kept.push(chunk);
    if (name === 'IHDR' && isTurned(keep)) kept.push(exif(keep));
    if (name === 'IEND') return kept;
    at += chunk.length;
  }
}

function exif({ orientation }: Keep): Buffer {
  const body = Buffer.concat([Buffer.from('eXIf'), orientationField(orientation)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
