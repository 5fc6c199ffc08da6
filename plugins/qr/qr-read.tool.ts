import { decodeQR } from 'qr/decode.js';
import { BaseTool, ToolError, z, type InputFile, type ToolLog, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { openPicture } from './pictures.ts';

/** Longest sides in which a code is looked for, one after the other: a large one is found faster in a small picture. */
const SIDES = [800, 1_600, 3_200];

/** What a fault of the machine sounds like, which the picture is not to blame for. */
const MACHINE = /Input file is missing|out of memory|cannot allocate/i;

const options = z.strictObject({});

export default class QrRead extends BaseTool<typeof options> {
  readonly name = 'qr-read';
  readonly title = 'Read a QR code';
  readonly description = 'Says what the QR code in a picture says. Of several codes in one picture it reads one.';
  override readonly category = 'image';
  override readonly keywords = ['barcode', 'scan', 'decode', '2d'];
  readonly inputFormats = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/tiff'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { totalMs: 60_000, memoryMb: 768, maxInputs: 1 };
  override readonly deterministic = true;

  async process({ inputs: [input], signal, progress, log }: ToolRun): Promise<ToolResult> {
    if (input === undefined) throw new ToolError('picture_missing', 'There is no picture.');
    for (const [index, side] of SIDES.entries()) {
      signal.throwIfAborted();
      progress(index / SIDES.length);
      const text = read(await pixelsOf(input, side, log));
      if (text !== undefined) return { data: { text } };
    }
    throw new ToolError('code_not_found', 'There is no QR code in the picture that can be read.');
  }
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** At most so large, upright, without transparency, three bytes for each pixel. */
async function pixelsOf({ path }: InputFile, side: number, log: ToolLog): Promise<Pixels> {
  try {
    const { data, info } = await openPicture(path)
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    const words = String(Object(error).message);
    if (MACHINE.test(words)) throw error;
    log.warn(words);
    if (/pixel limit/.test(words)) throw new ToolError('picture_too_large', 'The picture has more than 50 megapixels.');
    throw new ToolError('picture_unreadable', 'The file is no PNG, JPEG, WebP, GIF or TIFF picture, or is damaged.');
  }
}

/** Undefined: there is none, or too little of it. The library throws in many words when it finds nothing. */
function read(pixels: Pixels): string | undefined {
  try {
    return decodeQR(pixels);
  } catch {
    return undefined;
  }
}
