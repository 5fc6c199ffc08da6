import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { type Change, edit } from './edit.ts';
import { type Pixels, pixelsOf, still } from './frames.ts';
import { paintText } from './lettering.ts';
import { colour, encoding, keepMetadata, placed, PLACES } from './options.ts';
import { INPUT_TYPES, type Picture, readPicture, upright } from './picture.ts';
import type { Size } from './size.ts';

const CLEAR = '#00000000';

const options = z.strictObject({
  text: z
    .string()
    .max(200)
    .regex(/[^\s\p{C}]/u, 'must not be blank')
    .optional()
    .describe('What is written on the image. Without it, the second file is the watermark.'),
  color: colour.default('#ffffff').describe('Colour of the text, such as #ffcc00.'),
  font: z.enum(['sans', 'serif', 'monospace']).default('sans').describe('Kind of letters; the server has the fonts.'),
  position: z
    .enum([...PLACES, 'tile'])
    .default('bottom-right')
    .describe('Where it stands; tile repeats it all over.'),
  size: z
    .int()
    .min(1)
    .max(100)
    .default(30)
    .describe('Per cent of the width and the height of the image that the watermark fits into.'),
  margin: z.int().min(0).max(50).default(2).describe('Per cent of the width of the image that stay free around it.'),
  opacity: z.int().min(1).max(100).default(50).describe('Per cent: 1 is hardly seen, 100 hides what is below.'),
  angle: z.int().min(-180).max(180).default(0).describe('Degrees by which the watermark is turned, clockwise.'),
  ...encoding,
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class ImageWatermark extends BaseTool<typeof options> {
  readonly name = 'image-watermark';
  readonly title = 'Put a watermark on an image';
  readonly description =
    'Writes a text on an image, or lays a second image over it, in one place or all over. Keeps the format; GIF and WebP stay animated.';
  override readonly category = 'image';
  override readonly keywords = ['stamp', 'logo', 'overlay', 'copyright', 'text', 'caption'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = INPUT_TYPES;
  readonly options = options;
  // Two images of 50 megapixels at the same time, beside what image-convert needs.
  override readonly limits = { memoryMb: 2560, maxInputs: 2 };
  // Fonts differ from server to server, but not on the one that keeps the result.
  override readonly deterministic = true;

  override validate({ options: { text }, inputs }: ToolRun<Options>): void {
    const files = inputs.length > 1;
    if (text === undefined && !files) {
      throw new ToolError('watermark_missing', 'There is neither a text nor a second image to put on the first.');
    }
    if (text !== undefined && files) {
      throw new ToolError('watermark_ambiguous', 'Give either a text or a second image.');
    }
  }

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return edit(run, 'Marking', async (picture) => marking(picture, await watermark(run, picture), run.options));
  }
}

/** The watermark as it will be seen, and no larger than the image. */
async function watermark(run: ToolRun<Options>, picture: Size): Promise<Pixels> {
  const { size, angle, opacity } = run.options;
  const box = { width: share(picture.width, size), height: share(picture.height, size) };
  const drawn = await draw(run, box);
  const turned = angle === 0 ? drawn : await pixelsOf(run, still(drawn).rotate(angle, { background: CLEAR }));
  const mark = await pixelsOf(run, still(turned).resize({ ...box, fit: 'inside' }));
  for (let alpha = 3; alpha < mark.data.length; alpha += 4) {
    mark.data[alpha] = Math.round(((mark.data[alpha] ?? 0) * opacity) / 100);
  }
  return mark;
}

async function draw(run: ToolRun<Options>, box: Size): Promise<Pixels> {
  const { text } = run.options;
  if (text !== undefined) return pixelsOf(run, paintText(text, box, run.options));
  const [, file] = run.inputs;
  return pixelsOf(run, upright(await readPicture(second(file), false, run)));
}

function second(file: InputFile | undefined): InputFile {
  if (file === undefined) throw new Error('Checked before the work.');
  return file;
}

function marking(picture: Picture, mark: Pixels, { position, margin }: Options): Change {
  const { data, ...size } = mark;
  const raw = { ...size, channels: 4 as const };
  const gap = Math.round((picture.width * margin) / 100);
  const room = { width: picture.width - size.width, height: picture.height - size.height };
  return {
    size: picture,
    frameByFrame: true,
    apply: (image) =>
      position === 'tile'
        ? image.composite([{ input: data, raw, tile: true, gravity: 'northwest' }])
        : image.composite([{ input: data, raw, ...placed(position, room, gap) }]),
  };
}

function share(whole: number, percent: number): number {
  return Math.max(1, Math.round((whole * percent) / 100));
}
