import sharp, { type Metadata, type Sharp } from 'sharp';
import { ToolError, type InputFile, type ToolRun } from 'toolyard/sdk';
import { MAX_PIXELS } from './limits.ts';

// What is not advertised stays shut: libvips reads far more, documents with references to other files among it.
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
sharp.concurrency(1);

export const PICTURES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/tiff', 'image/gif'];

/** The machine is at fault and not the picture. */
const MACHINE = /: write error|unable to open for write|Input file is missing|out of memory|cannot allocate/i;

/** A picture whose header has been looked at: it can be read, and is not too large. Of several frames, the first. */
export interface OpenPicture {
  readonly image: Sharp;
  readonly header: Metadata;
}

export async function openPicture({ path, name }: InputFile, run: ToolRun): Promise<OpenPicture> {
  const image = sharp(path, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  const header = await explained(image.metadata(), name, run);
  // The container of AVIF also carries HEVC, whose decoder nobody asked for.
  if (header.format === 'heif' && header.compression !== 'av1') throw unreadable(name);
  return { image, header };
}

/** Waits for sharp. Its errors name paths and internals: they go to the log, and the user gets a ToolError. */
export async function explained<Result>(work: Promise<Result>, name: string, { log }: ToolRun): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (MACHINE.test(text)) throw error;
    log.warn(text);
    if (/exceeds pixel limit/.test(text)) {
      throw new ToolError('image_too_large', `The picture ${name} has more than 50 megapixels.`);
    }
    throw unreadable(name);
  }
}

function unreadable(name: string): ToolError {
  return new ToolError(
    'image_unreadable',
    `The picture ${name} is damaged, incomplete or of a kind that cannot be read.`,
  );
}
