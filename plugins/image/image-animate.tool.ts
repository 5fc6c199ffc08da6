import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { save } from './edit.ts';
import { ANIMATED_TYPES } from './formats.ts';
import { decode, film, type Pixels } from './frames.ts';
import { colour, quality, side } from './options.ts';
import { firstInput, INPUT_TYPES, type Picture, readPicture, refuseTooLarge } from './picture.ts';
import type { Size } from './size.ts';

/** Milliseconds that a picture stays which brings no time of its own. */
const USUAL_DELAY_MS = 200;

const options = z.strictObject({
  format: z.enum(['gif', 'webp']).default('gif').describe('Format of the animation. GIF has 256 colours.'),
  delay_ms: z
    .int()
    .min(10)
    .max(60_000)
    .optional()
    .describe(
      `Milliseconds that each frame is shown. By default as long as before, ${USUAL_DELAY_MS} for pictures that stood still.`,
    ),
  loop: z.int().min(0).max(65_535).default(0).describe('How often it is played; 0 is for ever.'),
  order: z
    .enum(['forward', 'backward', 'bounce'])
    .default('forward')
    .describe('In which order the frames are shown; bounce goes forward and then back.'),
  width: side.optional().describe('Width in pixels. By default that of the first image.'),
  height: side.optional().describe('Height in pixels. By default that of the first image.'),
  fit: z
    .enum(['contain', 'cover', 'fill'])
    .default('contain')
    .describe('What happens to images of another shape: contain pads them, cover crops, fill stretches.'),
  background: colour.default('#00000000').describe('Colour of what is padded. Transparent by default.'),
  quality,
});

type Options = z.output<typeof options>;

interface Frame {
  readonly pixels: Pixels;
  readonly delayMs: number;
}

export default class ImageAnimate extends BaseTool<typeof options> {
  readonly name = 'image-animate';
  readonly title = 'Make an animation';
  readonly description =
    'Makes an animated GIF or WebP of images, in the order in which they come. Of one animation it makes another, with other times, size or order.';
  override readonly category = 'image';
  override readonly keywords = ['gif', 'animation', 'slideshow', 'delay', 'loop', 'reverse', 'boomerang'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ANIMATED_TYPES;
  readonly options = options;
  // 50 megapixels in all frames, three times, and what GIF needs to find 256 colours for each frame.
  override readonly limits = { memoryMb: 2560, maxInputs: 200, maxInputBytes: 256 * 1024 ** 2 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { format, quality, loop } = run.options;
    run.progress(0, 'Reading the headers');
    const first = firstInput(run.inputs);
    const pictures = await Promise.all(
      run.inputs.map((input) => readPicture(input, ANIMATED_TYPES.includes(input.type), run)),
    );
    const frames = ordered(await collect(run, pictures), run.options.order);
    run.progress(0.7, 'Encoding');
    run.signal.throwIfAborted();
    const animation = { loop, delay: frames.map(({ delayMs }) => delayMs) };
    const image = film(frames.map(({ pixels }) => pixels));
    const result = await save(run, image, { format, quality, animation, frames: frames.length, name: first });
    return { ...result, data: { ...Object(result.data), frames: frames.length, loop } };
  }
}

async function collect(run: ToolRun<Options>, pictures: readonly Picture[]): Promise<Frame[]> {
  const { fit, background, delay_ms: delayMs, order } = run.options;
  const size = {
    width: run.options.width ?? pictures[0]?.width ?? 1,
    height: run.options.height ?? pictures[0]?.height ?? 1,
  };
  const count = pictures.reduce((sum, { frames }) => sum + frames, 0);
  refuseTooLarge(size, order === 'bounce' ? 2 * count : count);

  const frames: Frame[] = [];
  for (const [index, picture] of pictures.entries()) {
    run.signal.throwIfAborted();
    run.progress((0.7 * index) / pictures.length, `Image ${index + 1} of ${pictures.length}`);
    const shown = await decode(run, picture, (image) =>
      same(picture, size) ? image : image.resize({ ...size, fit, background }),
    );
    frames.push(
      ...shown.map((pixels, at) => ({ pixels, delayMs: delayMs ?? (picture.header.delay?.[at] || USUAL_DELAY_MS) })),
    );
  }
  return frames;
}

function ordered(frames: readonly Frame[], order: Options['order']): readonly Frame[] {
  if (order === 'forward') return frames;
  const back = frames.toReversed();
  // Neither end is shown twice in a row.
  return order === 'backward' ? back : [...frames, ...back.slice(1, -1)];
}

function same(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}
