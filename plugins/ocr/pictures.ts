import { join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { ToolError, type InputFile, type ToolRun } from 'toolyard/sdk';
import { UNREADABLE } from './failure.ts';
import { MAX_PAGES, MAX_PIXELS } from './limits.ts';
import type { Page, Picture, Source } from './source.ts';

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

/** What tesseract reads by itself as well as we could. A TIFF can have several pages, and the rest it may not know. */
const DIRECT: readonly unknown[] = ['jpeg', 'png'];

/** The machine is at fault and not the picture. */
const MACHINE = /: write error|unable to open for write|Input file is missing|out of memory|cannot allocate/i;

/** What resolutions can be believed. Many programs write 1 or 72 without having thought of any. */
const DPI = { least: 100, most: 2_400 } as const;

/** The pictures in one file: most have one, a TIFF of scanned sheets has many. */
export async function picturesIn(input: InputFile, run: ToolRun): Promise<Source> {
  const header = await explained(sharp(input.path, { limitInputPixels: MAX_PIXELS }).metadata(), run);
  // The container of AVIF also carries HEVC, whose decoder nobody asked for.
  if (header.format === 'heif' && header.compression !== 'av1') throw unreadable();
  const frames = header.format === 'tiff' ? (header.pages ?? 1) : 1;
  if (frames > MAX_PAGES) {
    throw new ToolError('too_many_pages', `The picture has ${frames} pages; ${MAX_PAGES} are the most.`);
  }
  const pages = Array.from({ length: frames }, (_, frame): Page => ({
    picture: () => upright(input, frame, header, run),
  }));
  return { pages, document: undefined };
}

async function upright(
  input: InputFile,
  frame: number,
  header: Metadata,
  { workspace, log }: ToolRun,
): Promise<Picture> {
  const { format, orientation = 1, density = 0 } = header;
  const dpi = density >= DPI.least && density <= DPI.most ? Math.round(density) : undefined;
  if (DIRECT.includes(format) && orientation === 1) return { path: input.path, dpi, temporary: false };

  const path = `picture-${frame + 1}.png`;
  const image = sharp(input.path, { page: frame, failOn: 'error', limitInputPixels: MAX_PIXELS });
  const plain = image.autoOrient().flatten({ background: 'white' }).toColourspace('srgb');
  await explained(plain.png({ compressionLevel: 1 }).toFile(join(workspace, path)), { log });
  return { path, dpi, temporary: true };
}

/** Waits for sharp. Its errors name paths and internals: they go to the log, and the user gets a ToolError. */
async function explained<Result>(work: Promise<Result>, { log }: Pick<ToolRun, 'log'>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (MACHINE.test(text)) throw error;
    log.warn(text);
    if (/exceeds pixel limit/.test(text)) {
      throw new ToolError('page_too_large', 'The picture has more than 50 megapixels.');
    }
    throw unreadable();
  }
}

function unreadable(): ToolError {
  return new ToolError('input_unreadable', UNREADABLE);
}
