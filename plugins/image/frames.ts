import sharp, { type Metadata, type OutputInfo, type Sharp } from 'sharp';
import type { ToolRun } from 'toolyard/sdk';
import { explained } from './failure.ts';
import type { Animation } from './formats.ts';
import { type Picture, upright } from './picture.ts';
import type { Size } from './size.ts';

/** Bytes of a pixel: red, green, blue, alpha. */
export const CHANNELS = 4;

/** The decoded pixels of one frame, from left to right and from above to below. */
export interface Pixels extends Size {
  readonly data: Buffer;
}

/**
 * Decodes all frames of a picture, four bytes a pixel.
 *
 * @param scale changes the size of all of them, on the way
 */
export async function decode(
  run: ToolRun<unknown>,
  picture: Picture,
  scale: (image: Sharp) => Sharp = (image) => image,
): Promise<Pixels[]> {
  const { data, info } = await raw(run, scale(upright(picture)));
  const { width } = info;
  const height = info.height / picture.frames;
  const length = width * height * CHANNELS;
  return Array.from({ length: picture.frames }, (_, index) => ({
    width,
    height,
    data: data.subarray(index * length, (index + 1) * length),
  }));
}

/** The pixels of an image that was opened or made elsewhere. */
export async function pixelsOf(run: ToolRun<unknown>, image: Sharp): Promise<Pixels> {
  const { data, info } = await raw(run, image);
  return { data, width: info.width, height: info.height };
}

/** Decodes all frames and changes each; for what cannot be done while they lie one below the other. */
export async function eachFrame(
  run: ToolRun<unknown>,
  picture: Picture,
  change: (image: Sharp) => Sharp,
): Promise<Pixels[]> {
  const made: Pixels[] = [];
  for (const frame of await decode(run, picture)) {
    run.signal.throwIfAborted();
    made.push(await pixelsOf(run, change(still(frame))));
    run.progress(0.1 + (0.6 * made.length) / picture.frames, 'Changing the frames');
  }
  return made;
}

export function still({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: CHANNELS } });
}

/** An animation of frames that have all the same size. */
export function film(frames: readonly Pixels[]): Sharp {
  const [first] = frames;
  if (first === undefined) throw new Error('An animation has at least one frame.');
  const { width, height } = first;
  const data = Buffer.concat(frames.map(({ data }) => data));
  const pages = frames.length > 1 && { pageHeight: height };
  return sharp(data, { raw: { width, height: height * frames.length, channels: CHANNELS, ...pages } });
}

/** How long its frames stay, and how often it is played; nothing for an image that stands still. */
export function lookOf({ delay, loop }: Metadata): Animation {
  return { ...(delay && { delay }), ...(loop !== undefined && { loop }) };
}

function raw(run: ToolRun<unknown>, image: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  const decoded = image.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return explained(decoded, run);
}
