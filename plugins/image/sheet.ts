import { CHANNELS, type Pixels } from './frames.ts';
import type { Size } from './size.ts';

/** Pixels from the left and from above. */
export interface Spot {
  readonly left: number;
  readonly top: number;
}

/** Cells in rows, with the same gap between them and around them. The size is that of the whole. */
export interface Grid extends Size {
  readonly columns: number;
  readonly rows: number;
  readonly placeOf: (index: number) => Spot;
}

export interface GridWish {
  readonly count: number;
  /** By default as many as make the grid square. */
  readonly columns?: number | undefined;
  readonly cell: Size;
  readonly gap: number;
}

export function gridOf({ count, columns: wanted, cell, gap }: GridWish): Grid {
  const columns = Math.min(count, wanted ?? Math.ceil(Math.sqrt(count)));
  const rows = Math.ceil(count / columns);
  return {
    columns,
    rows,
    width: columns * (cell.width + gap) + gap,
    height: rows * (cell.height + gap) + gap,
    placeOf: (index) => ({
      left: gap + (index % columns) * (cell.width + gap),
      top: gap + Math.floor(index / columns) * (cell.height + gap),
    }),
  };
}

/** Nothing but one colour. @param colour such as `#ffcc00`, with or without alpha */
export function blank({ width, height }: Size, colour: string): Pixels {
  const pixel = Buffer.from(colour.slice(1).padEnd(2 * CHANNELS, 'f'), 'hex');
  return { width, height, data: Buffer.alloc(width * height * CHANNELS, pixel) };
}

/** Puts a picture on the sheet, row by row; what is below is gone. */
export function paste(sheet: Pixels, picture: Pixels, { left, top }: Spot): void {
  const length = picture.width * CHANNELS;
  for (let row = 0; row < picture.height; row += 1) {
    const target = ((top + row) * sheet.width + left) * CHANNELS;
    picture.data.copy(sheet.data, target, row * length, (row + 1) * length);
  }
}
