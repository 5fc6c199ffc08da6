/** A square picture of an icon, as PNG. */
export interface IconImage {
  readonly side: number;
  readonly png: Buffer;
}

const HEADER_LENGTH = 6;
const ENTRY_LENGTH = 16;
const ICON = 1;
const BITS_PER_PIXEL = 32;

/** The container of Windows icons, with PNG inside, which is understood since Windows Vista. Sides up to 256 pixels. */
export function ico(images: readonly IconImage[]): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt16LE(ICON, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = HEADER_LENGTH + ENTRY_LENGTH * images.length;
  const entries = images.map(({ side, png }) => {
    const entry = Buffer.alloc(ENTRY_LENGTH);
    // In one byte 256 is written as 0.
    entry.writeUInt8(side % 256, 0);
    entry.writeUInt8(side % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(BITS_PER_PIXEL, 6);
    entry.writeUInt32LE(png.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += png.length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...images.map(({ png }) => png)]);
}
