import { crc32, deflateSync } from 'node:zlib';
import type { Peak } from './peaks.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** One byte a pixel, which is the number of a colour. */
const INDEXED = 3;

/** A PNG with one column for each peak: what sounds in the colour, the rest transparent. @param colour such as `#ffcc00` */
export function paintWaveform(columns: readonly Peak[], height: number, colour: string): Buffer {
  const width = columns.length;
  // Each row begins with the number of its filter, which is none.
  const rows = Buffer.alloc((width + 1) * height);
  columns.forEach(({ low, high }, column) => {
    const first = Math.round(((1 - high) / 2) * (height - 1));
    const last = Math.round(((1 - low) / 2) * (height - 1));
    for (let row = first; row <= last; row += 1) rows[row * (width + 1) + 1 + column] = 1;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  header.writeUInt8(INDEXED, 9);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.concat([Buffer.alloc(3), Buffer.from(colour.slice(1), 'hex')])),
    chunk('tRNS', Buffer.of(0, 255)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
