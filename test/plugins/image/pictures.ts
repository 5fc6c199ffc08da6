import { readFile } from 'node:fs/promises';
import { afterAll } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import type { FinishedRun, GivenFile } from '../tool-run.js';

export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const;

export type Format = (typeof FORMATS)[number];

/** Red, green and blue, and alpha where it matters, 0 to 255. */
export type Colour = readonly number[];

export const RED = [220, 30, 30];
export const GREEN = [30, 200, 30];
export const BLUE = [30, 30, 220];
export const WHITE = [255, 255, 255];

/** A picture that shows how it was turned and cut: its quarters are red and green above, blue and white below. */
export const QUARTERS = [RED, GREEN, BLUE, WHITE] as const;

/** The plugin shuts decoders for the whole process, and the next test file may share it. */
export function unblockDecodersAfterwards(): void {
  afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));
}

/** Paints each pixel, from left to right and from above to below. All frames of an animation lie one below the other. */
export function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => Colour,
  options: { frames?: number } = {},
): Sharp {
  const frames = options.frames ?? 1;
  const channels = colour(0, 0).length === 4 ? 4 : 3;
  const pixels = Buffer.alloc(width * height * frames * channels);
  for (let index = 0; index < width * height * frames; index++) {
    pixels.set(colour(index % width, Math.floor(index / width)), index * channels);
  }
  return sharp(pixels, {
    raw: { width, height: height * frames, channels, ...(frames > 1 && { pageHeight: height }) },
  });
}

export function quarters(width = 60, height = 40): Sharp {
  return paint(width, height, (x, y) => quarterAt(x / width, y / height));
}

/** The colour of the picture of quarters at a place; both coordinates from 0 to 1. */
export function quarterAt(x: number, y: number): Colour {
  return QUARTERS[(y < 0.5 ? 0 : 2) + (x < 0.5 ? 0 : 1)] ?? WHITE;
}

/** Options with which a format shows the picture as exactly as it can. */
const FAITHFUL = {
  jpeg: { quality: 100, chromaSubsampling: '4:4:4' },
  png: {},
  webp: { lossless: true },
  avif: { quality: 100, chromaSubsampling: '4:4:4' },
  tiff: { compression: 'lzw' },
  gif: {},
} as const satisfies Record<Format, object>;

/** The picture as an input file. */
export async function given(image: Sharp, format: Format, name = `picture.${format}`): Promise<GivenFile> {
  const bytes = await image.toFormat(format, FAITHFUL[format]).toBuffer();
  return { name, type: `image/${format}`, bytes };
}

/** The picture that a run made, opened. */
export function made(run: FinishedRun, options: { animated?: boolean } = {}): Sharp {
  return sharp(pathOf(run), options);
}

/** The file that a run made. */
export function bytesOf(run: FinishedRun): Promise<Buffer> {
  return readFile(pathOf(run));
}

function pathOf(run: FinishedRun): string {
  const output = run.result.outputs?.[0];
  if (output === undefined) throw new Error('The run made no file.');
  return output.path;
}

/** Colours (with alpha) of the middles of the four quarters: above left, above right, below left, below right. */
export async function middles(image: Sharp): Promise<Colour[]> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const index = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    return [...data.subarray(index, index + 4)];
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)];
}

/** The largest difference in any channel that both name. */
export function difference(seen: readonly Colour[], wanted: readonly Colour[]): number {
  return Math.max(
    ...wanted.flatMap((colour, index) =>
      colour.map((value, channel) => Math.abs(value - (seen[index]?.[channel] ?? Infinity))),
    ),
  );
}
