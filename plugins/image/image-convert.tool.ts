import { join, parse } from 'node:path';
import type { Metadata, Sharp } from 'sharp';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { MAX_PIXELS, open } from './decoders.ts';
import { explained, NOT_AN_IMAGE } from './failure.ts';
import { ANIMATED_TYPES, FORMATS } from './formats.ts';
import { largestSize } from './size.ts';

const side = z.int().min(1).max(16_384).optional();

const options = z.strictObject({
  format: z
    .enum(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'])
    .describe('Format of the new image. In JPEG, what was transparent becomes white.'),
  width: side.describe('Width in pixels. Without it, it follows from the height and the shape of the image.'),
  height: side.describe('Height in pixels. Without it, it follows from the width and the shape of the image.'),
  fit: z
    .enum(['inside', 'outside', 'cover', 'contain', 'fill'])
    .default('inside')
    .describe(
      'When width and height are both given: inside keeps the whole image within them, outside makes it at least as large, ' +
        'cover fills them and crops the rest, contain pads to exactly that size, fill stretches.',
    ),
  enlarge: z
    .boolean()
    .default(false)
    .describe('Whether an image that is smaller than width and height is made larger. Otherwise it keeps its size.'),
  quality: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Quality of JPEG (80 by default), WebP (80) and AVIF (50). The other formats have none and ignore it.'),
  keep_metadata: z
    .boolean()
    .default(false)
    .describe('Whether EXIF and XMP (camera, date, place …) go into the new image. Otherwise nothing of it does.'),
});

type Options = z.output<typeof options>;

export default class ImageConvert extends BaseTool<typeof options> {
  readonly name = 'image-convert';
  readonly title = 'Convert an image';
  readonly description =
    'Changes the format and the size of an image. Turns it upright, converts colours to sRGB, and removes metadata unless asked. ' +
    'GIF and WebP stay animated in each other; of any other file with several pages the first is taken.';
  override readonly category = 'image';
  override readonly keywords = ['resize', 'scale', 'thumbnail', 'compress', 'jpg', 'photo', 'picture', 'exif'];
  readonly inputFormats = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/tiff', 'image/gif'];
  readonly outputFormats = Object.values(FORMATS).map(({ type }) => type);
  readonly options = options;
  // 50 megapixels with transparency to AVIF hold 2.1 GiB; to GIF, the slowest, they take a minute.
  override readonly limits = { memoryMb: 2560, maxInputs: 1 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('image_missing', 'There is no image to convert.');
    const format = FORMATS[run.options.format];
    const animated = format.animated && ANIMATED_TYPES.includes(input.type);
    const path = join(run.workspace, `image.${format.extension}`);

    run.progress(0, 'Reading the header');
    const image = open(input.path, animated);
    const header = await explained(image.metadata(), run.log);
    const frames = animated ? (header.pages ?? 1) : 1;
    check(header, frames, run.options);

    run.signal.throwIfAborted();
    run.progress(0.1, `Converting to ${run.options.format}`);
    const made = await explained(pipeline(image, header, frames, run.options).toFile(path), run.log);

    run.progress(1);
    return {
      outputs: [{ path, name: rename(input, format.extension) }],
      data: {
        width: made.width,
        height: frames > 1 ? made.height / frames : made.height,
        format: run.options.format,
        bytes: made.size,
      },
    };
  }
}

/** Refuses what the header alone shows to be impossible. */
function check(header: Metadata, frames: number, target: Options): void {
  // The container of AVIF also carries HEVC, JPEG and raw pixels, whose decoders nobody asked for.
  if (header.format === 'heif' && header.compression !== 'av1') {
    throw new ToolError('image_unreadable', NOT_AN_IMAGE);
  }
  const { width, height } = largestSize(frames > 1 ? frameSize(header) : header.autoOrient, target);
  if (width * height * frames > MAX_PIXELS) {
    throw new ToolError('image_too_large', 'The new image would have more than 50 megapixels, all its frames counted.');
  }
}

function frameSize({ width, height, pageHeight }: Metadata): { width: number; height: number } {
  return { width, height: pageHeight ?? height };
}

function pipeline(image: Sharp, header: Metadata, frames: number, target: Options): Sharp {
  const { transparent, encode } = FORMATS[target.format];
  // Frames lie one below the other, where they cannot be turned.
  if (frames === 1) image.autoOrient();
  // Otherwise 16 bits per channel come out in the primaries of Display P3, and nothing says so.
  if (header.depth === 'ushort' && header.hasProfile) image.withIccProfile('srgb', { attach: false });
  if (target.keep_metadata) image.keepExif().keepXmp();
  if (target.width !== undefined || target.height !== undefined) {
    image.resize({
      width: target.width,
      height: target.height,
      // With one side only, sharp's `fill` would leave the other as it is.
      fit: target.width && target.height ? target.fit : 'inside',
      withoutEnlargement: !target.enlarge,
      background: { r: 255, g: 255, b: 255, alpha: transparent ? 0 : 1 },
    });
  }
  return encode(image, target.quality);
}

function rename({ name }: InputFile, extension: string): string {
  return `${parse(name).name || 'image'}.${extension}`;
}
