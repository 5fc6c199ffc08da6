import { z } from 'toolyard/sdk';
import { FORMAT_NAMES } from './formats.ts';

/** Options that several tools have. */
export const side = z.int().min(1).max(16_384);

export const format = z
  .enum(FORMAT_NAMES)
  .describe('Format of the new image. In JPEG, what was transparent becomes white.');

export const quality = z
  .int()
  .min(1)
  .max(100)
  .optional()
  .describe('Quality of JPEG (80 by default), WebP (80) and AVIF (50). The other formats have none and ignore it.');

export const keepMetadata = z
  .boolean()
  .default(false)
  .describe('Whether EXIF and XMP (camera, date, place …) go into the new image. Otherwise nothing of it does.');

/** Of tools whose result has the format of the input unless another is named. */
export const encoding = {
  format: format
    .optional()
    .describe('Format of the new image, that of the input by default. In JPEG, what was transparent becomes white.'),
  quality,
};

export const colour = z.string().regex(/^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$/, 'must be a colour such as #ffcc00');

export const PLACES = [
  'top-left',
  'top',
  'top-right',
  'left',
  'center',
  'right',
  'bottom-left',
  'bottom',
  'bottom-right',
] as const;

export type Place = (typeof PLACES)[number];

/** Where something of a size lies inside something larger. @returns pixels from the left and from above */
export function placed(
  place: Place,
  room: { readonly width: number; readonly height: number },
  margin = 0,
): { left: number; top: number } {
  const left = place.endsWith('left') ? margin : room.width - (place.endsWith('right') ? margin : 0);
  const top = place.startsWith('top') ? margin : room.height - (place.startsWith('bottom') ? margin : 0);
  const centredAcross = !place.endsWith('left') && !place.endsWith('right');
  const centredDown = !place.startsWith('top') && !place.startsWith('bottom');
  return {
    left: Math.max(0, Math.round(centredAcross ? room.width / 2 : left)),
    top: Math.max(0, Math.round(centredDown ? room.height / 2 : top)),
  };
}
