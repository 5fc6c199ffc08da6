import sharp, { type Sharp } from 'sharp';

/** Width × height × frames that an image may have, before and after. Checked from the header, before any pixel is decoded. */
export const MAX_PIXELS = 50_000_000;

// libvips reads far more than this plugin promises (SVG, its own format, CSV …). What is not advertised stays shut.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegFile',
    'VipsForeignLoadPngFile',
    'VipsForeignLoadWebpFile',
    'VipsForeignLoadHeifFile',
    'VipsForeignLoadTiffFile',
    'VipsForeignLoadNsgifFile',
  ],
});
// The cache goes by path, and another run may find other bytes there.
sharp.cache(false);
// The worker runs as many tools at once as there are cores.
sharp.concurrency(1);

/**
 * Opens an image by its content; the name of the file decides nothing.
 * `failOn: 'error'` refuses whatever is cut off, but not the many photographs and maps that only break a formality.
 */
export function open(path: string, animated: boolean): Sharp {
  return sharp(path, { animated, failOn: 'error', limitInputPixels: MAX_PIXELS });
}
