import { describe, expect, it } from '@jest/globals';
import ImageConvert from '../../../plugins/image/image-convert.tool.ts';
import { largestSize } from '../../../plugins/image/size.ts';
import { runTool } from '../tool-run.js';
import { difference, given, made, middles, quarters, QUARTERS, unblockDecodersAfterwards, WHITE } from './pictures.js';

unblockDecodersAfterwards();

const tool = new ImageConvert();

/** The picture has 60 × 40 pixels. */
const SIZES = [
  [{}, 60, 40],
  [{ fit: 'cover', enlarge: true }, 60, 40],
  [{ width: 30 }, 30, 20],
  [{ height: 10 }, 15, 10],
  [{ width: 120 }, 60, 40],
  [{ width: 120, enlarge: true }, 120, 80],
  [{ width: 30, fit: 'fill' }, 30, 20],
  [{ width: 30, fit: 'cover' }, 30, 20],
  [{ width: 30, height: 30 }, 30, 20],
  [{ width: 30, height: 30, fit: 'inside' }, 30, 20],
  [{ width: 30, height: 30, fit: 'outside' }, 45, 30],
  [{ width: 30, height: 30, fit: 'cover' }, 30, 30],
  [{ width: 30, height: 30, fit: 'contain' }, 30, 30],
  [{ width: 30, height: 30, fit: 'fill' }, 30, 30],
  [{ width: 90, height: 90, fit: 'inside' }, 60, 40],
  [{ width: 90, height: 90, fit: 'outside' }, 60, 40],
  [{ width: 90, height: 90, fit: 'cover' }, 60, 40],
  [{ width: 90, height: 90, fit: 'contain' }, 90, 90],
  [{ width: 90, height: 20, fit: 'fill' }, 60, 20],
  [{ width: 90, height: 90, fit: 'inside', enlarge: true }, 90, 60],
  [{ width: 90, height: 90, fit: 'outside', enlarge: true }, 135, 90],
  [{ width: 90, height: 90, fit: 'cover', enlarge: true }, 90, 90],
  [{ width: 90, height: 90, fit: 'contain', enlarge: true }, 90, 90],
  [{ width: 90, height: 90, fit: 'fill', enlarge: true }, 90, 90],
] as const;

describe('image-convert, sizes', () => {
  it.each(SIZES)('%j makes %d × %d of 60 × 40', async (options, width, height) => {
    const inputs = [await given(quarters(), 'png')];

    await using run = await runTool(tool, { inputs, options: { format: 'png', ...options } });

    expect(await made(run).metadata()).toMatchObject({ width, height });
    expect(run.result.data).toMatchObject({ width, height });
  });

  it.each(SIZES)('%j is known to need that much before the work', (options, width, height) => {
    const target = { fit: 'inside', enlarge: false, ...options } as const;

    const largest = largestSize({ width: 60, height: 40 }, target);

    const cropped = target.fit === 'cover';
    expect(Math.round(largest.width) === width || (cropped && largest.width > width)).toBe(true);
    expect(Math.round(largest.height) === height || (cropped && largest.height > height)).toBe(true);
  });

  it('shrinks a JPEG without changing its colours', async () => {
    const inputs = [await given(quarters(1600, 1067), 'jpeg')];

    await using run = await runTool(tool, { inputs, options: { format: 'webp', width: 320 } });

    expect(run.result.data).toMatchObject({ width: 320, height: 213 });
    expect(difference(await middles(made(run)), QUARTERS)).toBeLessThan(16);
  });

  it('cuts the same from all sides to cover', async () => {
    const inputs = [await given(quarters(), 'png')];

    await using run = await runTool(tool, { inputs, options: { format: 'png', width: 10, height: 40, fit: 'cover' } });

    expect(difference(await middles(made(run)), QUARTERS)).toBeLessThan(16);
  });

  it.each([
    ['png', 0],
    ['webp', 0],
    ['avif', 0],
    ['tiff', 0],
    ['gif', 0],
    ['jpeg', 255],
  ] as const)('pads %s with white of opacity %d', async (format, opacity) => {
    const inputs = [await given(quarters(), 'png')];
    const options = { format, width: 30, height: 90, fit: 'contain' } as const;

    await using run = await runTool(tool, { inputs, options });

    // The picture takes the rows 35 to 54 of 90; the middles of the quarters lie in the padding.
    const colours = await middles(made(run));
    expect(colours.map(([, , , alpha]) => alpha)).toEqual([opacity, opacity, opacity, opacity]);
    expect(difference(colours, opacity > 0 ? [WHITE, WHITE, WHITE, WHITE] : [])).toBeLessThan(8);
  });
});
