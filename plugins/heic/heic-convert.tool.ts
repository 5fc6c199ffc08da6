import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';

/** Width × height, known from the header before any pixel is decoded. */
const MAX_PIXELS = 50_000_000;

/** The machine is at fault and not the image: a crash, to be tried again. */
const MACHINE = /write error|unable to open for write|no space left|out of memory|cannot allocate|ENOENT|ENOMEM/i;

// Only these two are opened: what the user gave, for its header, and what heif-convert made of it.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadHeifFile', 'VipsForeignLoadPngFile'] });
sharp.cache(false);
sharp.concurrency(1);

const FORMATS = {
  jpeg: {
    extension: 'jpg',
    encode: (image: Sharp, quality: number) => image.flatten({ background: 'white' }).jpeg({ quality }),
  },
  png: { extension: 'png', encode: (image: Sharp) => image.png() },
  webp: { extension: 'webp', encode: (image: Sharp, quality: number) => image.webp({ quality }) },
} as const;

const options = z.strictObject({
  format: z.enum(['jpeg', 'png', 'webp']).default('jpeg').describe('Format of the new image.'),
  quality: z.int().min(1).max(100).default(85).describe('Quality of JPEG and WebP. PNG has none and ignores it.'),
});

type Options = z.output<typeof options>;

export default class HeicConvert extends BaseTool<typeof options> {
  readonly name = 'heic-convert';
  readonly title = 'Convert a HEIC photograph';
  readonly description =
    'Makes a JPEG, PNG or WebP of a photograph in HEIC or HEIF, upright, in sRGB and without metadata. Of several images in one file the first is taken.';
  override readonly category = 'image';
  override readonly keywords = ['heif', 'iphone', 'hevc', 'jpg', 'photo', 'telephone'];
  readonly inputFormats = ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'];
  readonly outputFormats = ['image/jpeg', 'image/png', 'image/webp'];
  readonly options = options;
  override readonly requires = ['heif-convert'];
  // 50 megapixels: 0.6 GiB in heif-convert, and then the encoder.
  override readonly limits = { memoryMb: 1536, maxInputs: 1, maxInputBytes: 256 * 1024 ** 2, totalMs: 180_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('image_missing', 'There is no image to convert.');
    run.progress(0, 'Reading the header');
    await checkHeader(run, input);

    run.signal.throwIfAborted();
    run.progress(0.1, 'Decoding');
    const decoded = await decode(run, input);
    run.signal.throwIfAborted();
    run.progress(0.7, `Converting to ${run.options.format}`);
    const { extension, encode } = FORMATS[run.options.format];
    const path = join(run.workspace, `photo.${extension}`);
    // The decoder has turned it already; what EXIF says of that is not for HEIC (ISO/IEC 23008-12, A.2).
    const image = sharp(decoded, { failOn: 'error', limitInputPixels: MAX_PIXELS });
    const { width, height, size } = await explained(encode(image, run.options.quality).toFile(path), run);
    run.progress(1);
    const name = `${parse(input.name).name || 'photo'}.${extension}`;
    return { outputs: [{ path, name }], data: { width, height, format: run.options.format, bytes: size } };
  }
}

async function checkHeader(run: ToolRun<Options>, { path }: InputFile): Promise<void> {
  // Without a limit of its own, because it would be told as damage.
  const { format, width, height } = await explained(sharp(path, { limitInputPixels: false }).metadata(), run);
  if (format !== 'heif') throw unreadable();
  if (width * height > MAX_PIXELS) throw new ToolError('image_too_large', 'The image has more than 50 megapixels.');
}

/** @returns the path of a PNG. Of a file with several images, each becomes one. */
async function decode(run: ToolRun<Options>, { path }: InputFile): Promise<string> {
  await explained(run.exec('heif-convert', [path, join(run.workspace, 'decoded.png')]), run);
  for (const name of ['decoded.png', 'decoded-1.png']) {
    const found = join(run.workspace, name);
    if (
      await stat(found).then(
        () => true,
        () => false,
      )
    )
      return found;
  }
  throw unreadable();
}

/** Errors name paths and internals: they go to the log, and the user gets a ToolError. */
async function explained<Result>(work: Promise<Result>, run: ToolRun<Options>): Promise<Result> {
  try {
    return await untilAborted(work, run.signal);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const ended = typeof error === 'object' && error !== null && 'signal' in error && error.signal !== null;
    if (run.signal.aborted || MACHINE.test(text) || ended) throw error;
    const bare = run.inputs.reduce((said, { path }) => said.replaceAll(path, 'input'), text);
    run.log.warn(bare.replaceAll(`${run.workspace}/`, ''));
    throw unreadable();
  }
}

/** The library cannot be stopped; but nobody waits for it any more, and its process is ended. */
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop));
}

function unreadable(): ToolError {
  return new ToolError('image_unreadable', 'The file is not a HEIC image, or is damaged or incomplete.');
}
