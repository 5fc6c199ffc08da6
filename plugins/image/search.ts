import type { Sharp } from 'sharp';
import type { ToolRun } from 'toolyard/sdk';
import { explained } from './failure.ts';
import type { Animation } from './formats.ts';
import type { Size } from './size.ts';

export type TargetFormat = 'jpeg' | 'png' | 'webp' | 'avif';

/** One encoding of the image. */
export interface Attempt extends Size {
  readonly bytes: Buffer;
  readonly quality: number;
}

export interface Quest extends Size {
  /** The decoded image, anew for each attempt. */
  readonly open: () => Sharp;
  readonly look: Animation;
  readonly format: TargetFormat;
  /** Bytes. */
  readonly target: number;
  /** The lowest quality. */
  readonly least: number;
  readonly shrink: boolean;
}

/** Above this, files grow and nobody sees why. */
const BEST_QUALITY = 95;

/** Each makes the file so much smaller that few are needed; with the last, a huge image is a stamp. */
const MAX_SHRINKS = 12;
/** The shorter side does not get below this. */
const MIN_SIDE = 8;
/** Smaller than reckoned, because small images need more bytes a pixel. */
const CAUTION = 0.92;

const ENCODERS: Readonly<Record<TargetFormat, (image: Sharp, quality: number, look: Animation) => Sharp>> = {
  jpeg: (image, quality) => image.flatten({ background: 'white' }).jpeg({ quality, mozjpeg: true }),
  // The quality of a PNG says how few colours it gets along with.
  png: (image, quality) => image.png({ palette: true, quality, compressionLevel: 9, effort: 4 }),
  webp: (image, quality, look) => image.webp({ quality, ...look }),
  avif: (image, quality) => image.avif({ quality, effort: 3 }),
};

/** The attempt of the best quality that fits; undefined when none does. */
export async function fitting(run: ToolRun<unknown>, quest: Quest): Promise<Attempt | undefined> {
  const lowest = await attempt(run, quest, quest, quest.least, 0.2);
  if (lowest.bytes.length <= quest.target) return better(run, quest, lowest);
  return quest.shrink ? smaller(run, quest, lowest) : undefined;
}

/** Halves the range of qualities until one is left. */
async function better(run: ToolRun<unknown>, quest: Quest, fits: Attempt): Promise<Attempt> {
  let best = fits;
  let above = BEST_QUALITY + 1;
  const steps = Math.ceil(Math.log2(above - best.quality));
  for (let step = 1; above - best.quality > 1; step += 1) {
    const quality = Math.floor((best.quality + above) / 2);
    const made = await attempt(run, quest, quest, quality, 0.2 + (0.8 * step) / (steps + 1));
    if (made.bytes.length <= quest.target) best = made;
    else above = quality;
  }
  return best;
}

async function smaller(run: ToolRun<unknown>, quest: Quest, tooLarge: Attempt): Promise<Attempt | undefined> {
  let last = tooLarge;
  for (let step = 1; step <= MAX_SHRINKS; step += 1) {
    const factor = Math.sqrt(quest.target / last.bytes.length) * CAUTION;
    const size = { width: Math.floor(last.width * factor), height: Math.floor(last.height * factor) };
    if (Math.min(size.width, size.height) < MIN_SIDE) return undefined;
    last = await attempt(run, quest, size, quest.least, 0.2 + (0.8 * step) / (MAX_SHRINKS + 1));
    if (last.bytes.length <= quest.target) return last;
  }
  return undefined;
}

async function attempt(
  run: ToolRun<unknown>,
  { open, look, format, ...whole }: Quest,
  { width, height }: Size,
  quality: number,
  ratio: number,
): Promise<Attempt> {
  run.signal.throwIfAborted();
  run.progress(ratio, `Trying quality ${quality} at ${width} × ${height} pixels`);
  const image = open();
  if (width !== whole.width || height !== whole.height) image.resize({ width, height, fit: 'fill' });
  const bytes = await explained(ENCODERS[format](image, quality, look).toBuffer(), run);
  return { bytes, quality, width, height };
}
