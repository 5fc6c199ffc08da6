import { encode } from 'blurhash';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { type Pixels, pixelsOf } from './frames.ts';
import { average, brightness, colours, hex, palette } from './palette.ts';
import { firstInput, INPUT_TYPES, readPicture, upright } from './picture.ts';

/** Pixels of the longer side: as much as colours need. */
const SAMPLE_SIDE = 128;
/** A blurhash shows less than this. */
const BLUR_SIDE = 32;

const components = z.int().min(1).max(9);

const options = z.strictObject({
  colors: z.int().min(1).max(32).default(6).describe('How many colours the palette has, at most.'),
  components_x: components.default(4).describe('Details of the blurhash from left to right.'),
  components_y: components.default(3).describe('Details of the blurhash from above to below.'),
});

type Options = z.output<typeof options>;

export default class ImageColors extends BaseTool<typeof options> {
  readonly name = 'image-colors';
  readonly title = 'Find the colours of an image';
  readonly description =
    'Tells the palette of an image, its average colour and brightness, and a blurhash: some letters from which a page paints a blurred preview while it loads.';
  override readonly category = 'image';
  override readonly keywords = ['palette', 'dominant color', 'blurhash', 'placeholder', 'swatch', 'theme'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { memoryMb: 1024, maxInputs: 1, totalMs: 120_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const picture = await readPicture(firstInput(run.inputs), false, run);
    run.progress(0.1, 'Shrinking');
    const shrunk = (side: number): Promise<Pixels> =>
      pixelsOf(run, upright(picture).resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true }));

    const sample = await shrunk(SAMPLE_SIDE);
    run.signal.throwIfAborted();
    const blurred = await shrunk(BLUR_SIDE);
    const pixels = colours(sample.data);
    const mean = average(pixels);
    const { colors, components_x: across, components_y: down } = run.options;
    return {
      data: {
        width: picture.width,
        height: picture.height,
        palette: palette(pixels, colors).map(({ rgb, share }) => ({ hex: hex(rgb), rgb, share })),
        average: { hex: hex(mean), rgb: mean },
        brightness: brightness(mean),
        transparent_share: Math.round((1 - pixels.length / (sample.width * sample.height)) * 1_000) / 1_000,
        blurhash: encode(new Uint8ClampedArray(blurred.data), blurred.width, blurred.height, across, down),
      },
    };
  }
}
