import { ToolError, z } from 'toolyard/sdk';
import type { Change } from './edit.ts';
import { FORMATS, type FormatName } from './formats.ts';
import { side } from './options.ts';
import type { Picture } from './picture.ts';
import { largestSize, type Target } from './size.ts';

/** Options of the tools that make an image larger or smaller. */
export const scalingOptions = {
  width: side
    .optional()
    .describe('Width in pixels. Without it, it follows from the height and the shape of the image.'),
  height: side
    .optional()
    .describe('Height in pixels. Without it, it follows from the width and the shape of the image.'),
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
};

export function scaling(picture: Picture, target: Target, format: FormatName): Change {
  const { width, height, fit, enlarge } = target;
  const background = { r: 255, g: 255, b: 255, alpha: FORMATS[format].transparent ? 0 : 1 };
  return {
    size: largestSize(picture, target),
    apply: (image) => {
      if (width === undefined && height === undefined) return image;
      // With one side only, sharp's `fill` would leave the other as it is.
      const fitting = width && height ? fit : 'inside';
      return image.resize({ width, height, fit: fitting, withoutEnlargement: !enlarge, background });
    },
  };
}

/** Throws ToolError when neither side is named. */
export function demandSide({ width, height }: Pick<Target, 'width' | 'height'>): void {
  if (width === undefined && height === undefined) {
    throw new ToolError('size_missing', 'Name the width, the height, or both.');
  }
}
