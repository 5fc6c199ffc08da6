import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { rename } from './edit.ts';
import { ANIMATED_TYPES, FORMATS } from './formats.ts';
import { decode, film, lookOf } from './frames.ts';
import { firstInput, formatOf, INPUT_TYPES, type Picture, readPicture } from './picture.ts';
import { type Attempt, fitting, type TargetFormat } from './search.ts';

const options = z.strictObject({
  target_bytes: z.int().min(100).max(100_000_000).describe('The file shall have at most so many bytes.'),
  format: z
    .enum(['jpeg', 'png', 'webp', 'avif'])
    .optional()
    .describe('Format of the new image. By default that of the input; WebP for GIF and TIFF.'),
  min_quality: z
    .int()
    .min(1)
    .max(90)
    .default(40)
    .describe('The quality is not lowered below this. What is still too large is made smaller, or fails.'),
  shrink: z
    .boolean()
    .default(true)
    .describe('Whether width and height may become smaller where quality is not enough.'),
});

type Options = z.output<typeof options>;

export default class ImageOptimize extends BaseTool<typeof options> {
  readonly name = 'image-optimize';
  readonly title = 'Make an image file smaller';
  readonly description =
    'Finds the best quality with which an image fits into a number of bytes, and makes it smaller when that is not enough. ' +
    'The result is upright, in sRGB and without metadata. GIF and WebP stay animated as WebP.';
  override readonly category = 'image';
  override readonly keywords = ['compress', 'reduce', 'file size', 'kilobytes', 'web', 'smaller'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];
  readonly options = options;
  // Each attempt encodes the whole image: 50 megapixels as AVIF take some minutes.
  override readonly limits = { memoryMb: 2560, totalMs: 900_000, maxInputs: 1 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = firstInput(run.inputs);
    const format = run.options.format ?? ownFormat(formatOf(input));
    const animated = FORMATS[format].animated && ANIMATED_TYPES.includes(input.type);

    run.progress(0, 'Decoding');
    const picture = await readPicture(input, animated, run);
    const best = await search(run, picture, format);
    if (best === undefined) {
      throw new ToolError(
        'target_unreachable',
        'The image does not fit into so few bytes. Allow more, or a lower quality.',
      );
    }

    const { extension } = FORMATS[format];
    const path = join(run.workspace, `image.${extension}`);
    await writeFile(path, best.bytes);
    const { width, height, quality } = best;
    const data = { width, height, format, quality, bytes: best.bytes.length, bytes_before: input.size };
    return { outputs: [{ path, name: rename(input, extension) }], data };
  }
}

async function search(run: ToolRun<Options>, picture: Picture, format: TargetFormat): Promise<Attempt | undefined> {
  const pixels = await decode(run, picture);
  const { target_bytes: target, min_quality: least, shrink } = run.options;
  return fitting(run, {
    open: () => (picture.header.hasAlpha ? film(pixels) : film(pixels).removeAlpha()),
    width: picture.width,
    height: picture.height,
    look: lookOf(picture.header),
    format,
    target,
    least,
    shrink,
  });
}

function ownFormat(format: keyof typeof FORMATS): TargetFormat {
  return format === 'gif' || format === 'tiff' ? 'webp' : format;
}
