import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ImageConvert from '../../../plugins/image/image-convert.tool.ts';
import { ToolError } from '../../../src/sdk/index.js';
import { onBusyMachine } from '../../time.limits.js';
import { runTool, type GivenFile } from '../tool-run.js';
import { announcedGif, announcedPng, heic } from './hostile-images.js';
import { FORMATS, given, made, quarters, unblockDecodersAfterwards } from './pictures.js';

unblockDecodersAfterwards();

const tool = new ImageConvert();

const UNREADABLE = {
  name: 'ToolError',
  code: 'image_unreadable',
  message: 'The image is damaged or incomplete, or uses a feature that cannot be read.',
};
const NOT_AN_IMAGE = {
  name: 'ToolError',
  code: 'image_unreadable',
  message: 'The file is not a JPEG, PNG, WebP, AVIF, TIFF or GIF image, or only a piece of one.',
};
const TOO_LARGE = {
  name: 'ToolError',
  code: 'image_too_large',
  message: 'The image has more than 50 megapixels, all its frames counted.',
};
const TO_BECOME_TOO_LARGE = {
  ...TOO_LARGE,
  message: 'The new image would have more than 50 megapixels, all its frames counted.',
};

const asPng = (bytes: Uint8Array | string): GivenFile => ({ name: 'photo.png', type: 'image/png', bytes });

/** How a run ends: with the sentence of a ToolError, or with one about the picture. Anything else is thrown on. */
async function ending(input: GivenFile, whole: Buffer): Promise<string> {
  try {
    await using run = await runTool(tool, { inputs: [input], options: { format: 'png' } });
    return (await made(run).raw().toBuffer()).equals(whole) ? 'the whole picture' : 'another picture';
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

describe('image-convert, what is no image', () => {
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';

  it.each([
    ['SVG', SVG],
    ['SVG with a declaration', `<?xml version="1.0"?>\n${SVG}`],
    ['SVG with an external entity', `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${SVG}`],
    ['a table', '1,2,3\n4,5,6\n'],
    ['a matrix of libvips', '3 3\n1 2 3\n4 5 6\n7 8 9\n'],
    ['a PDF', '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n'],
    ['a portable bitmap', 'P6 1 1 255 abc'],
    ['FITS', 'SIMPLE  =                    T'],
    ['Radiance', '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n'],
    ['JPEG 2000', Buffer.from('0000000c6a5020200d0a870a', 'hex')],
    ['JPEG XL', Buffer.from('0000000c4a584c200d0a870a', 'hex')],
    ['a bitmap of Windows', Buffer.from('424d1e000000000000001a0000000c00000001000100010018000000ff00', 'hex')],
    ['text', 'Not an image at all.'],
    ['one byte', 'x'],
    ['nothing', ''],
  ])('%s with the name of a PNG is refused', async (_, bytes) => {
    const running = runTool(tool, { inputs: [asPng(bytes)], options: { format: 'webp' } });

    await expect(running).rejects.toMatchObject(NOT_AN_IMAGE);
  });

  it('the format of libvips itself is refused, because its decoder trusts what it reads', async () => {
    await using scratch = await runTool(tool, { inputs: [await given(quarters(), 'png')], options: { format: 'png' } });
    const path = join(scratch.result.outputs?.[0]?.path ?? '', '..', 'picture.v');
    await quarters().toFile(path);

    const running = runTool(tool, { inputs: [asPng(await readFile(path))], options: { format: 'webp' } });

    await expect(running).rejects.toMatchObject(NOT_AN_IMAGE);
  });

  it('HEVC in the container of AVIF is refused', async () => {
    const running = runTool(tool, {
      inputs: [{ name: 'IMG_1.avif', type: 'image/avif', bytes: heic(64, 64) }],
      options: { format: 'webp' },
    });

    await expect(running).rejects.toMatchObject(NOT_AN_IMAGE);
  });
});

describe('image-convert, bombs', () => {
  it.each([
    [10_000, 10_000],
    [50_000, 50_000],
    [1, 60_000_000],
    [60_000_000, 1],
  ])('a PNG that announces %d × %d pixels is refused by its header', async (width, height) => {
    const started = performance.now();
    const inputs = [asPng(announcedPng(width, height))];

    const running = runTool(tool, { inputs, options: { format: 'webp', width: 10 } });

    await expect(running).rejects.toMatchObject(TOO_LARGE);
    expect(performance.now() - started).toBeLessThan(onBusyMachine(2_000));
  });

  it('a PNG that announces 2147483647 × 2147483647 pixels is refused', async () => {
    const bytes = announcedPng(2 ** 31 - 1, 2 ** 31 - 1);

    const running = runTool(tool, { inputs: [asPng(bytes)], options: { format: 'webp' } });

    await expect(running).rejects.toMatchObject(UNREADABLE);
  });

  it('49 megapixels pass', async () => {
    const inputs = [asPng(announcedPng(7_000, 7_000))];

    await using run = await runTool(tool, { inputs, options: { format: 'png', width: 10 } });

    expect(run.result.data).toMatchObject({ width: 10, height: 10 });
  });

  it('frames of the new image are counted too', async () => {
    const inputs = [{ name: 'film.gif', type: 'image/gif', bytes: announcedGif(100, 60, 100) }];

    const running = runTool(tool, { inputs, options: { format: 'gif', width: 1000, enlarge: true } });

    await expect(running).rejects.toMatchObject(TO_BECOME_TOO_LARGE);
  });

  it('frames are counted, where they are read', async () => {
    const inputs = [{ name: 'film.gif', type: 'image/gif', bytes: announcedGif(1000, 600, 100) }];

    await using first = await runTool(tool, { inputs, options: { format: 'png' } });
    const all = runTool(tool, { inputs, options: { format: 'webp', width: 10 } });

    await expect(all).rejects.toMatchObject(TOO_LARGE);
    expect(first.result.data).toMatchObject({ width: 1000, height: 600 });
  });

  it.each([
    { width: 16_384, height: 16_384, fit: 'fill', enlarge: true },
    { width: 16_384, height: 16_384, fit: 'contain' },
    { width: 16_384, enlarge: true },
    { height: 16_384, enlarge: true },
    { width: 100, height: 16_384, fit: 'outside', enlarge: true },
    { width: 100, height: 16_384, fit: 'cover', enlarge: true },
  ] as const)('a small image does not become huge by %j', async (options) => {
    const inputs = [await given(quarters(), 'png')];

    await expect(runTool(tool, { inputs, options: { format: 'jpeg', ...options } })).rejects.toMatchObject(
      TO_BECOME_TOO_LARGE,
    );
  });

  it('an image that the new format has no room for is refused', async () => {
    const inputs = [asPng(announcedPng(17_000, 10))];

    await expect(runTool(tool, { inputs, options: { format: 'webp' } })).rejects.toMatchObject({
      ...TOO_LARGE,
      message: 'The new image would be wider or higher than its format allows.',
    });
  });
});

describe('image-convert, damage', () => {
  it.each([
    ['jpeg', 0],
    ['png', 16],
    ['webp', 0],
    ['avif', 0],
    ['tiff', 0],
    ['gif', 2],
  ] as const)(
    'a %s cut off anywhere before its last %d bytes, which hold no pixels, is refused',
    async (format, end) => {
      const input = await given(quarters(12, 8), format);
      const bytes = Buffer.from(input.bytes);
      await using run = await runTool(tool, { inputs: [input], options: { format: 'png' } });
      const whole = await made(run).raw().toBuffer();

      const endings = new Map<number, string>();
      for (let length = 0; length < bytes.length; length++) {
        endings.set(length, await ending({ ...input, bytes: bytes.subarray(0, length) }, whole));
      }

      const refused = [UNREADABLE.message, NOT_AN_IMAGE.message];
      const converted = [...endings].filter(([, sentence]) => !refused.includes(sentence));
      expect(bytes.length).toBeLessThan(2048);
      expect(converted.filter(([length]) => length < bytes.length - end)).toEqual([]);
      expect(converted.filter(([, sentence]) => sentence !== 'the whole picture')).toEqual([]);
    },
  );

  it.each(FORMATS)(
    'a larger %s is refused wherever it is cut off, instead of being finished in grey',
    async (format) => {
      const input = await given(quarters(900, 600), format);
      const bytes = Buffer.from(input.bytes);

      for (const part of [0.3, 0.6, 0.9, 0.99]) {
        const cut = { ...input, bytes: bytes.subarray(0, Math.floor(bytes.length * part)) };
        const running = runTool(tool, { inputs: [cut], options: { format: 'png', width: 300 } });
        await expect(running).rejects.toMatchObject({ name: 'ToolError', code: 'image_unreadable' });
      }
    },
  );

  it.each(FORMATS)('a %s with any one byte changed is converted or refused, never a crash', async (format) => {
    const input = await given(quarters(12, 8), format);

    const faults: unknown[] = [];
    for (let index = 0; index < input.bytes.length; index += 3) {
      const bytes = Buffer.from(input.bytes);
      bytes[index] = (bytes[index] ?? 0) ^ (1 << (index % 8));
      await runTool(tool, { inputs: [{ ...input, bytes }], options: { format: 'png' } })
        .then((run) => run[Symbol.asyncDispose]())
        .catch((error: unknown) => error instanceof ToolError || faults.push(error));
    }

    expect(faults).toEqual([]);
  });

  it('what libvips says goes to the log and not to the user', async () => {
    const warnings: string[] = [];
    const input = await given(quarters(), 'jpeg');
    const cut = { ...input, bytes: Buffer.from(input.bytes).subarray(0, 500) };

    const running = runTool(tool, { inputs: [cut], options: { format: 'png' }, warnings });

    await expect(running).rejects.toMatchObject(UNREADABLE);
    expect(warnings).toEqual([expect.stringMatching(/premature end of JPEG/)]);
  });

  it('a workspace that cannot be written to is a crash, and not the fault of the image', async () => {
    const inputs = [await given(quarters(), 'png')];

    const running = runTool(tool, { inputs, options: { format: 'webp' }, workspace: '/nowhere/at/all' });

    await expect(running).rejects.not.toBeInstanceOf(ToolError);
    await expect(running).rejects.toThrow(/unable to open for write/);
  });
});
