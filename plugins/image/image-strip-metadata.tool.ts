import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metadata } from 'sharp';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { open } from './decoders.ts';
import { explained } from './failure.ts';
import { FORMATS } from './formats.ts';
import { firstInput, formatOf, readPicture } from './picture.ts';
import { stripGif } from './strip.gif.ts';
import { stripJpeg } from './strip.jpeg.ts';
import { stripPng } from './strip.png.ts';
import type { Strip } from './strip.ts';
import { stripWebp } from './strip.webp.ts';

const STRIPS = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
  'image/gif': stripGif,
} as const satisfies Record<string, Strip>;

const options = z.strictObject({
  keep_profile: z
    .boolean()
    .default(true)
    .describe('Whether the colour profile stays. Without it, colours beyond sRGB look wrong.'),
});

type Options = z.output<typeof options>;

export default class ImageStripMetadata extends BaseTool<typeof options> {
  readonly name = 'image-strip-metadata';
  readonly title = 'Remove metadata from an image';
  readonly description =
    'Removes place, camera, names, comments, previews and whatever else is no picture, and changes not one pixel. ' +
    'Only how the image must be turned stays. AVIF and TIFF lose their metadata by image-convert.';
  override readonly category = 'image';
  override readonly keywords = ['exif', 'gps', 'location', 'privacy', 'anonymize', 'clean'];
  readonly inputFormats = Object.keys(STRIPS);
  readonly outputFormats = Object.keys(STRIPS);
  readonly options = options;
  // The file is held twice: as it was, and as it is read again.
  override readonly limits = { memoryMb: 768, maxInputs: 1, maxInputBytes: 256 * 1024 ** 2, totalMs: 60_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = firstInput(run.inputs);
    const format = formatOf(input);
    run.progress(0, 'Reading the header');
    const { header } = await readPicture(input, false, run);
    const strip: Strip | undefined = Object.entries(STRIPS).find(([type]) => type === input.type)?.[1];
    if (strip === undefined) throw new Error(`No strip for ${input.type}, which the tool does not take.`);

    run.progress(0.2, 'Removing');
    const { keep_profile: keepProfile } = run.options;
    const parts = strip(await readFile(input.path), { orientation: header.orientation ?? 1, keepProfile });
    const path = join(run.workspace, `image.${FORMATS[format].extension}`);
    await writeFile(path, parts);

    const left = await explained(open(path, false).metadata(), run);
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    const data = {
      format,
      bytes,
      bytes_before: input.size,
      removed: kinds(header).filter((kind) => !kinds(left).includes(kind)),
    };
    return { outputs: [{ path, name: input.name }], data };
  }
}

/** Which kinds of metadata an image has, beside what makes it look right. */
function kinds({ exif, iptc, xmp, icc, comments, orientation }: Metadata): string[] {
  // What is left to say how the image must be turned is no more than these bytes.
  const isOrientation = orientation !== undefined && (exif?.length ?? 0) <= 40;
  return [
    ...(exif && !isOrientation ? ['exif'] : []),
    ...(iptc ? ['iptc'] : []),
    ...(xmp ? ['xmp'] : []),
    ...(icc ? ['profile'] : []),
    ...(comments?.length ? ['comments'] : []),
  ];
}
