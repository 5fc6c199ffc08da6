import type { Metadata, Sharp } from 'sharp';
import { ToolError, type InputFile } from 'toolyard/sdk';
import { MAX_PIXELS, open } from './decoders.ts';
import { explained, NOT_AN_IMAGE, type Watched } from './failure.ts';
import { FORMAT_NAMES, FORMATS, type FormatName } from './formats.ts';
import type { Size } from './size.ts';

/** An image whose header has been read, and none of its pixels. The size is that of one frame, upright. */
export interface Picture extends Size {
  readonly input: InputFile;
  readonly header: Metadata;
  /** One, unless it was read as an animation. */
  readonly frames: number;
}

/** Detected types that image tools take. */
export const INPUT_TYPES: readonly string[] = Object.values(FORMATS).map(({ type }) => type);

/** Throws ToolError for what is no image, is damaged at its beginning, or has too many pixels. */
export async function readPicture(input: InputFile, animated: boolean, run: Watched): Promise<Picture> {
  const header = await explained(open(input.path, animated).metadata(), run);
  // The container of AVIF also carries HEVC, JPEG and raw pixels, whose decoders nobody asked for.
  if (header.format === 'heif' && header.compression !== 'av1') {
    throw new ToolError('image_unreadable', NOT_AN_IMAGE);
  }
  const frames = animated ? (header.pages ?? 1) : 1;
  return { input, header, frames, ...frameSize(header, frames) };
}

/** The first input, or ToolError when there is none. */
export function firstInput(inputs: readonly InputFile[]): InputFile {
  const [input] = inputs;
  if (input === undefined) throw new ToolError('image_missing', 'There is no image.');
  return input;
}

/** The pixels as they are meant to be seen: upright, in sRGB. Frames lie one below the other, where they cannot be turned. */
export function upright({ input, header, frames }: Picture): Sharp {
  const image = open(input.path, frames > 1);
  if (frames === 1) image.autoOrient();
  // Otherwise 16 bits per channel come out in the primaries of Display P3, and nothing says so.
  if (header.depth === 'ushort' && header.hasProfile) image.withIccProfile('srgb', { attach: false });
  return image;
}

/** The format that the detected type names. */
export function formatOf({ type }: InputFile): FormatName {
  const name = FORMAT_NAMES.find((name) => FORMATS[name].type === type);
  if (name === undefined) throw new ToolError('image_unreadable', NOT_AN_IMAGE);
  return name;
}

export function refuseTooLarge({ width, height }: Size, frames: number): void {
  if (width * height * frames <= MAX_PIXELS) return;
  throw new ToolError('image_too_large', 'The new image would have more than 50 megapixels, all its frames counted.');
}

function frameSize({ width, height, pageHeight, autoOrient }: Metadata, frames: number): Size {
  return frames > 1 ? { width, height: pageHeight ?? height } : { width: autoOrient.width, height: autoOrient.height };
}
