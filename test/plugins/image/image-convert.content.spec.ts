import { describe, expect, it } from '@jest/globals';
import type { Sharp } from 'sharp';
import ImageConvert from '../../../plugins/image/image-convert.tool.ts';
import { runTool, type GivenFile } from '../tool-run.js';
import {
  bytesOf,
  difference,
  FORMATS,
  given,
  made,
  middles,
  paint,
  quarterAt,
  QUARTERS,
  quarters,
  unblockDecodersAfterwards,
} from './pictures.js';

unblockDecodersAfterwards();

const tool = new ImageConvert();

const PLACE = '2020:02:02';
const PHOTOGRAPHER = 'Jane Roe';
const TITLE = 'Our secret garden';

const LOOK = { loop: 3, delay: [100, 200, 300, 400] };

function tagged(format: 'jpeg' | 'png' | 'webp'): Promise<GivenFile> {
  const image = quarters()
    .withExif({
      IFD0: { Artist: PHOTOGRAPHER },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100', GPSDateStamp: PLACE },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><title>${TITLE}</title></x:xmpmeta>`);
  return given(image, format);
}

/** Which of the secrets the decoded metadata of a picture holds. PNG compresses them, so the file alone does not tell. */
async function secretsIn(image: Sharp): Promise<string[]> {
  const { exif = '', xmp = '' } = await image.metadata();
  return [PLACE, PHOTOGRAPHER, TITLE].filter((secret) => exif.includes(secret) || xmp.includes(secret));
}

function red(): Sharp {
  return paint(16, 16, () => [200, 40, 40]);
}

/** Four frames, each of one colour of the picture of quarters. */
function film(): Sharp {
  return paint(20, 20, (_, y) => QUARTERS[Math.floor(y / 20)] ?? [], { frames: 4 });
}

async function filmed(format: 'gif' | 'webp'): Promise<GivenFile> {
  return { name: `film.${format}`, type: `image/${format}`, bytes: await film().toFormat(format, LOOK).toBuffer() };
}

describe('image-convert, orientation', () => {
  const WIDTH = 60;
  const HEIGHT = 40;

  /** Which place of the upright picture is stored at a column and row: the table of Exif 2.32, tag 274, in coordinates. */
  const UPRIGHT: Record<number, (column: number, row: number) => [x: number, y: number]> = {
    1: (column, row) => [column, row],
    2: (column, row) => [WIDTH - 1 - column, row],
    3: (column, row) => [WIDTH - 1 - column, HEIGHT - 1 - row],
    4: (column, row) => [column, HEIGHT - 1 - row],
    5: (column, row) => [row, column],
    6: (column, row) => [WIDTH - 1 - row, column],
    7: (column, row) => [WIDTH - 1 - row, HEIGHT - 1 - column],
    8: (column, row) => [row, HEIGHT - 1 - column],
  };

  const stored = (orientation: number): Promise<GivenFile> => {
    const lying = orientation > 4;
    const image = paint(lying ? HEIGHT : WIDTH, lying ? WIDTH : HEIGHT, (column, row) => {
      const [x, y] = UPRIGHT[orientation]?.(column, row) ?? [0, 0];
      return quarterAt(x / WIDTH, y / HEIGHT);
    });
    return given(image.withMetadata({ orientation }), 'jpeg');
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%d becomes upright, and the tag is gone', async (orientation) => {
    const inputs = [await stored(orientation)];

    await using run = await runTool(tool, { inputs, options: { format: 'jpeg', quality: 95, keep_metadata: true } });

    expect(await made(run).metadata()).toMatchObject({ width: 60, height: 40 });
    expect((await made(run).metadata()).orientation ?? 1).toBe(1);
    expect(difference(await middles(made(run)), QUARTERS)).toBeLessThan(16);
  });

  it.each([1, 6, 8])('width and height of %d mean the upright picture', async (orientation) => {
    const inputs = [await stored(orientation)];
    const options = { format: 'webp', width: 30, height: 30, fit: 'outside' } as const;

    await using run = await runTool(tool, { inputs, options });

    expect(run.result.data).toMatchObject({ width: 45, height: 30 });
  });
});

describe('image-convert, metadata', () => {
  it.each(FORMATS)('none reaches a %s, not the place and not the name', async (format) => {
    for (const from of ['jpeg', 'png', 'webp'] as const) {
      await using run = await runTool(tool, { inputs: [await tagged(from)], options: { format } });

      const bytes = await bytesOf(run);
      expect([PLACE, PHOTOGRAPHER, TITLE, 'Exif', 'adobe:ns'].filter((secret) => bytes.includes(secret))).toEqual([]);
      const { exif, xmp, iptc, icc } = await made(run).metadata();
      expect([exif, xmp, iptc, icc]).toEqual([undefined, undefined, undefined, undefined]);
    }
  });

  it.each(['jpeg', 'png', 'webp'] as const)('all of it goes from and to %s when it is asked for', async (format) => {
    const options = { format, keep_metadata: true } as const;

    await using run = await runTool(tool, { inputs: [await tagged(format)], options });

    expect(await secretsIn(made(run))).toEqual([PLACE, PHOTOGRAPHER, TITLE]);
  });
});

describe('image-convert, colours', () => {
  it.each(['png', 'tiff'] as const)(
    'Display P3 with 8 and 16 bits in %s becomes the same red of sRGB',
    async (from) => {
      for (const image of [red(), red().toColourspace('rgb16')]) {
        const inputs = [await given(image.withIccProfile('p3'), from)];

        await using run = await runTool(tool, { inputs, options: { format: 'png' } });

        expect(difference(await middles(made(run)), [[200, 40, 40]])).toBeLessThan(4);
      }
    },
  );

  it('16 bits without a profile are sRGB', async () => {
    const inputs = [await given(red().toColourspace('rgb16'), 'png')];

    await using run = await runTool(tool, { inputs, options: { format: 'png', keep_metadata: true } });

    expect(difference(await middles(made(run)), [[200, 40, 40]])).toBeLessThan(4);
  });

  it('CMYK becomes sRGB', async () => {
    const inputs = [await given(red().toColourspace('cmyk').withIccProfile('cmyk'), 'jpeg')];

    await using run = await runTool(tool, { inputs, options: { format: 'jpeg' } });

    expect(await made(run).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
    expect(difference(await middles(made(run)), [[200, 40, 40]])).toBeLessThan(40);
  });
});

describe('image-convert, animations', () => {
  it.each([
    ['gif', 'gif'],
    ['gif', 'webp'],
    ['webp', 'gif'],
    ['webp', 'webp'],
  ] as const)('%s stays animated as %s', async (from, to) => {
    await using run = await runTool(tool, { inputs: [await filmed(from)], options: { format: to, width: 10 } });

    const metadata = await made(run, { animated: true }).metadata();
    expect(metadata).toMatchObject({ pages: 4, width: 10, pageHeight: 10, ...LOOK });
    expect(run.result.data).toMatchObject({ width: 10, height: 10 });
  });

  it.each(['jpeg', 'png', 'avif', 'tiff'] as const)('the first frame becomes a %s', async (to) => {
    await using run = await runTool(tool, { inputs: [await filmed('gif')], options: { format: to } });

    expect(run.result.data).toMatchObject({ width: 20, height: 20 });
    expect(difference(await middles(made(run)), [QUARTERS[0], QUARTERS[0]])).toBeLessThan(16);
  });

  it('an animated WebP with a tag that turns it keeps its frames as they are', async () => {
    const bytes = await film().withMetadata({ orientation: 6 }).webp(LOOK).toBuffer();
    const inputs = [{ name: 'film.webp', type: 'image/webp', bytes }];

    await using run = await runTool(tool, { inputs, options: { format: 'webp' } });

    expect(await made(run, { animated: true }).metadata()).toMatchObject({ pages: 4 });
  });

  it('the first page of a TIFF is taken', async () => {
    const bytes = await film().tiff({ compression: 'lzw' }).toBuffer();
    const inputs = [{ name: 'scans.tiff', type: 'image/tiff', bytes }];

    await using run = await runTool(tool, { inputs, options: { format: 'gif' } });

    expect(run.result.data).toMatchObject({ width: 20, height: 20 });
    expect((await made(run, { animated: true }).metadata()).pages ?? 1).toBe(1);
    expect(difference(await middles(made(run)), [QUARTERS[0], QUARTERS[0]])).toBeLessThan(16);
  });
});
