import sharp from 'sharp';

/** Enough for what is compared pixel by pixel: two such pictures hold 256 MB. */
const MAX_PIXELS = 32_000_000;

const CHANNELS = 4;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Size in pixels, of one frame. */
export async function lookAtImage(path: string): Promise<Picture> {
  const { width, height, pageHeight, pages = 1 } = await sharp(path).metadata();
  return { width, height: pageHeight ?? height, frames: pages };
}

/**
 * How far two pictures are apart, 0 to 1: of red, green, blue and alpha each the mean difference over all pixels of all
 * frames, and of these the largest. Rejects when they do not have the same size.
 */
export async function compareImages(path: string, like: string): Promise<{ readonly difference: number }> {
  const [one, other] = [await pixelsOf(path), await pixelsOf(like)];
  if (one.width !== other.width || one.height !== other.height)
    throw new Error(`It is ${one.width} × ${one.height}, and not ${other.width} × ${other.height} pixels.`);
  const sums = [0, 0, 0, 0];
  one.data.forEach((value, index) => {
    sums[index % CHANNELS] = (sums[index % CHANNELS] ?? 0) + Math.abs(value - (other.data[index] ?? 0));
  });
  return { difference: Math.max(...sums) / (one.width * one.height * 255) };
}

async function pixelsOf(path: string): Promise<{ data: Buffer; width: number; height: number }> {
  const picture = sharp(path, { pages: -1, limitInputPixels: MAX_PIXELS }).toColourspace('srgb').ensureAlpha();
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
