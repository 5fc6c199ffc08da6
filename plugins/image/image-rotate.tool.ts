import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { type Change, edit } from './edit.ts';
import { FORMATS, type FormatName } from './formats.ts';
import { colour, encoding, keepMetadata } from './options.ts';
import { INPUT_TYPES } from './picture.ts';
import type { Size } from './size.ts';

const options = z.strictObject({
  angle: z
    .number()
    .min(-360)
    .max(360)
    .default(0)
    .describe('Degrees, clockwise. Multiples of 90 change no pixel; with others the corners are filled.'),
  flip: z
    .enum(['none', 'horizontal', 'vertical', 'both'])
    .default('none')
    .describe('How it is mirrored, before it is turned: horizontal exchanges left and right.'),
  background: colour
    .optional()
    .describe('Colour of the corners, such as #ffcc00. By default transparent, white in JPEG.'),
  ...encoding,
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class ImageRotate extends BaseTool<typeof options> {
  readonly name = 'image-rotate';
  readonly title = 'Rotate and flip an image';
  readonly description =
    'Turns an image by any angle, mirrors it, or both, and keeps its format. The orientation that a camera noted is applied first. GIF and WebP stay animated.';
  override readonly category = 'image';
  override readonly keywords = ['turn', 'mirror', 'flip', 'orientation', 'upright', 'straighten'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = INPUT_TYPES;
  readonly options = options;
  // 50 megapixels of an animation are held three times beside what the encoder needs.
  override readonly limits = { memoryMb: 2560, maxInputs: 1 };
  override readonly deterministic = true;

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return edit(run, 'Turning', (picture, format) => turning(picture, format, run.options));
  }
}

function turning(picture: Size, format: FormatName, { angle, flip, background }: Options): Change {
  const corners = background ?? (FORMATS[format].transparent ? '#ffffff00' : '#ffffff');
  return {
    size: turned(picture, angle),
    frameByFrame: true,
    apply: (image) =>
      image
        .flip(flip === 'vertical' || flip === 'both')
        .flop(flip === 'horizontal' || flip === 'both')
        .rotate(angle, { background: corners }),
  };
}

/** The box around a rectangle that was turned. */
function turned({ width, height }: Size, angle: number): Size {
  const radians = (angle * Math.PI) / 180;
  const [sine, cosine] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))];
  return { width: Math.round(width * cosine + height * sine), height: Math.round(width * sine + height * cosine) };
}
