import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { edit } from './edit.ts';
import { encoding, keepMetadata, placed, PLACES, side } from './options.ts';
import { INPUT_TYPES } from './picture.ts';
import type { Size } from './size.ts';

const offset = z.int().min(0).max(100_000).optional();

const options = z.strictObject({
  width: side.optional().describe('Width of the part in pixels. By default as much as there is.'),
  height: side.optional().describe('Height of the part in pixels. By default as much as there is.'),
  left: offset.describe(
    'Pixels between the left edge of the upright image and the part. By default the position decides.',
  ),
  top: offset.describe(
    'Pixels between the upper edge of the upright image and the part. By default the position decides.',
  ),
  aspect_ratio: z
    .string()
    .regex(/^[1-9]\d{0,3}:[1-9]\d{0,3}$/, 'must be a ratio such as 16:9')
    .optional()
    .describe('Instead of width and height: the largest part of this shape, such as 16:9.'),
  position: z.enum(PLACES).default('center').describe('Which part, where left or top do not say it.'),
  ...encoding,
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class ImageCrop extends BaseTool<typeof options> {
  readonly name = 'image-crop';
  readonly title = 'Crop an image';
  readonly description =
    'Cuts a part out of an image, by pixels or by shape, and keeps the format. The image is turned upright first. GIF and WebP stay animated.';
  override readonly category = 'image';
  override readonly keywords = ['cut', 'trim', 'aspect ratio', 'square', 'region'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = INPUT_TYPES;
  readonly options = options;
  // The part may be the whole: what image-convert needs.
  override readonly limits = { memoryMb: 2560, maxInputs: 1 };
  override readonly deterministic = true;

  override validate({ options: { width, height, aspect_ratio: ratio } }: ToolRun<Options>): void {
    const sides = width !== undefined || height !== undefined;
    if (sides && ratio) throw new ToolError('size_ambiguous', 'Name either width and height, or the aspect ratio.');
    if (!sides && !ratio) throw new ToolError('size_missing', 'Name the width, the height, or the aspect ratio.');
  }

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return edit(run, 'Cropping', (picture) => {
      const area = part(picture, run.options);
      return { size: area, apply: (image) => image.extract(area) };
    });
  }
}

function part(image: Size, { left, top, position, ...wanted }: Options): Size & { left: number; top: number } {
  const size = sizeOfPart(image, wanted);
  const place = placed(position, { width: image.width - size.width, height: image.height - size.height });
  const area = { ...size, left: left ?? place.left, top: top ?? place.top };
  const inside = area.left + area.width <= image.width && area.top + area.height <= image.height;
  if (inside) return area;
  throw new ToolError(
    'crop_outside',
    `The part reaches beyond the image, which has ${image.width} × ${image.height} pixels.`,
  );
}

function sizeOfPart(image: Size, wanted: Pick<Options, 'width' | 'height' | 'aspect_ratio'>): Size {
  const { width = image.width, height = image.height, aspect_ratio: ratio } = wanted;
  if (ratio === undefined) return { width, height };
  const [across = 1, down = 1] = ratio.split(':').map(Number);
  const scale = Math.min(image.width / across, image.height / down);
  return { width: Math.max(1, Math.round(scale * across)), height: Math.max(1, Math.round(scale * down)) };
}
