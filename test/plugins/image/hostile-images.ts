import { crc32, deflateSync } from 'node:zlib';

/** A PNG whose header announces a black and white picture of that size; the data is one row, or whole when it is small. */
export function announcedPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc(Math.min((Math.ceil(width / 8) + 1) * height, 32 * 1024 ** 2));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A GIF of a screen of that size and so many frames, each of which paints one pixel of it: 23 bytes a frame. */
export function announcedGif(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.from([0, 0, 0, 0, 0x80, 0, 0]);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
  const image = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const colours = [0, 0, 0, 255, 255, 255];
  const body = Array.from({ length: frames }, () => [...control, ...image]).flat();
  return Buffer.concat([Buffer.from('GIF89a'), screen, Buffer.from([...colours, ...body, 0x3b])]);
}

/** The container of AVIF, with a picture in it that is compressed as HEVC: what telephones call HEIC. */
export function heic(width: number, height: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const configuration = Buffer.alloc(23);
  configuration[0] = 1;
  return Buffer.concat([
    box('ftyp', 'heic', [0, 0, 0, 0], 'mif1heic'),
    box(
      'meta',
      [0, 0, 0, 0],
      box('hdlr', [0, 0, 0, 0, 0, 0, 0, 0], 'pict', Buffer.alloc(13)),
      box('pitm', [0, 0, 0, 0, 0, 1]),
      box('iloc', [0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8]),
      box('iinf', [0, 0, 0, 0, 0, 1], box('infe', [2, 0, 0, 0, 0, 1, 0, 0], 'hvc1', [0])),
      box(
        'iprp',
        box('ipco', box('hvcC', configuration), box('ispe', [0, 0, 0, 0], size)),
        box('ipma', [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 0x81, 0x02]),
      ),
    ),
    box('mdat', Buffer.alloc(8)),
  ]);
}

/** ISO/IEC 14496-12: a length, a name of four letters, and what is in it. */
function box(type: string, ...parts: readonly (Buffer | string | readonly number[])[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...parts.map(octets)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

function octets(part: Buffer | string | readonly number[]): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part);
}
