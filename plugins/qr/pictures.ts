import sharp, { type Sharp } from 'sharp';

/** Width × height of a picture that is read. Checked from the header, before any pixel is decoded. */
export const MAX_PIXELS = 50_000_000;

// libvips reads far more than this plugin promises (SVG, its own format, CSV …). What is not advertised stays shut.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegFile',
    'VipsForeignLoadPngFile',
    'VipsForeignLoadWebpFile',
    'VipsForeignLoadTiffFile',
    'VipsForeignLoadNsgifFile',
  ],
});
// The cache goes by path, and another run may find other bytes there.
sharp.cache(false);
// The worker runs as many tools at once as there are cores.
sharp.concurrency(1);

/** The first frame of a picture. */
export function openPicture(path: string): Sharp {
  return sharp(path, { failOn: 'error', limitInputPixels: MAX_PIXELS });
}

/** A picture of one byte for each pixel, 0 black and 255 white. */
export function greyPicture(bytes: Buffer, side: number): Sharp {
  return sharp(bytes, { raw: { width: side, height: side, channels: 1 } });
}
