import { join, parse } from 'node:path';
import type { OutputInfo, Sharp } from 'sharp';
import type { InputFile, ToolResult, ToolRun } from 'toolyard/sdk';
import { explained } from './failure.ts';
import { ANIMATED_TYPES, type Animation, FORMATS, type FormatName } from './formats.ts';
import { eachFrame, film, lookOf } from './frames.ts';
import { firstInput, formatOf, type Picture, readPicture, refuseTooLarge, upright } from './picture.ts';
import type { Size } from './size.ts';

/** What a tool does to a picture, known from its header alone. */
export interface Change {
  /** The most that one frame measures on its way. */
  readonly size: Size;
  /** Given the picture upright and in sRGB. */
  readonly apply: (image: Sharp) => Sharp;
  /** Whether each frame of an animation must be changed by itself. Otherwise all of them are at once, which is faster. */
  readonly frameByFrame?: boolean;
}

export interface EditOptions {
  readonly format?: FormatName | undefined;
  readonly quality?: number | undefined;
  readonly keep_metadata?: boolean | undefined;
}

/** One image in, one image out: read the header, refuse what cannot be, change, encode. */
export async function edit<Options extends EditOptions>(
  run: ToolRun<Options>,
  message: string,
  plan: (picture: Picture, format: FormatName) => Change | Promise<Change>,
): Promise<ToolResult> {
  const input = firstInput(run.inputs);
  const format = run.options.format ?? formatOf(input);
  const animated = FORMATS[format].animated && ANIMATED_TYPES.includes(input.type);

  run.progress(0, 'Reading the header');
  const picture = await readPicture(input, animated, run);
  const change = await plan(picture, format);
  refuseTooLarge(change.size, picture.frames);

  run.signal.throwIfAborted();
  run.progress(0.1, message);
  const image = await changed(run, picture, change);
  const { keep_metadata: keep, quality } = run.options;
  if (keep) image.keepExif().keepXmp();
  const byHand = picture.frames > 1 && change.frameByFrame;
  const look = byHand ? lookOf(picture.header) : undefined;
  return save(run, image, { format, quality, animation: look, frames: picture.frames, name: input });
}

export interface Encoding {
  readonly format: FormatName;
  readonly quality?: number | undefined;
  /** Where the pixels do not bring it along. */
  readonly animation?: Animation | undefined;
  readonly frames: number;
  /** Whose name the new file has, with another extension. */
  readonly name: Pick<InputFile, 'name'>;
}

/** Encodes into the workspace. */
export async function save(run: ToolRun<unknown>, image: Sharp, encoding: Encoding): Promise<ToolResult> {
  const { format, quality, animation, frames, name } = encoding;
  const { encode, extension } = FORMATS[format];
  const path = join(run.workspace, `image.${extension}`);
  const made = await explained(encode(image, quality, animation).toFile(path), run);
  run.progress(1);
  return {
    outputs: [{ path, name: rename(name, extension) }],
    data: { ...seen(made, frames), format, bytes: made.size },
  };
}

/** The name of the input with another extension. */
export function rename({ name }: Pick<InputFile, 'name'>, extension: string, suffix = ''): string {
  return `${parse(name).name || 'image'}${suffix}.${extension}`;
}

function seen({ width, height }: OutputInfo, frames: number): Size {
  return { width, height: frames > 1 ? height / frames : height };
}

async function changed(run: ToolRun<EditOptions>, picture: Picture, change: Change): Promise<Sharp> {
  if (picture.frames === 1 || !change.frameByFrame) return change.apply(upright(picture));
  return film(await eachFrame(run, picture, change.apply));
}
