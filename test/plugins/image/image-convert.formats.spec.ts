import { describe, expect, it } from '@jest/globals';
import ImageConvert from '../../../plugins/image/image-convert.tool.ts';
import { runTool } from '../tool-run.js';
import {
  bytesOf,
  difference,
  FORMATS,
  given,
  made,
  middles,
  paint,
  quarters,
  QUARTERS,
  unblockDecodersAfterwards,
  WHITE,
} from './pictures.js';

unblockDecodersAfterwards();

const tool = new ImageConvert();

const CODECS = { jpeg: 'jpeg', png: 'png', webp: 'webp', avif: 'heif', tiff: 'tiff', gif: 'gif' } as const;

const PAIRS = FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const));

describe('image-convert, from each format to each', () => {
  it.each(PAIRS)('%s becomes %s and shows the same picture', async (from, to) => {
    const input = await given(quarters(), from, 'Ferien am Meer.x');

    await using run = await runTool(tool, { inputs: [input], options: { format: to, quality: 95 } });

    const metadata = await made(run).metadata();
    expect(metadata).toMatchObject({ format: CODECS[to], width: 60, height: 40 });
    expect(difference(await middles(made(run)), QUARTERS)).toBeLessThan(16);
    expect(run.result.outputs?.[0]?.name).toBe(`Ferien am Meer.${to === 'jpeg' ? 'jpg' : to}`);
    expect(run.result.data).toEqual({ width: 60, height: 40, format: to, bytes: (await bytesOf(run)).length });
  });

  it.each(FORMATS)('what is transparent stays so in %s, or becomes white in JPEG', async (to) => {
    const half = paint(40, 40, (x) => (x < 20 ? [0, 0, 0, 0] : [30, 30, 220, 255]));

    await using run = await runTool(tool, { inputs: [await given(half, 'png')], options: { format: to } });

    const [left = [], right = []] = await middles(made(run));
    expect(left[3]).toBe(to === 'jpeg' ? 255 : 0);
    expect(difference([left], [to === 'jpeg' ? WHITE : []])).toBeLessThan(16);
    expect(difference([right], [[30, 30, 220, 255]])).toBeLessThan(16);
  });

  it.each(['jpeg', 'webp', 'avif'] as const)('quality makes %s files smaller or larger', async (to) => {
    const noise = await given(
      paint(64, 64, (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, (x * 7 + y * y) % 256]),
      'png',
    );

    await using poor = await runTool(tool, { inputs: [noise], options: { format: to, quality: 10 } });
    await using good = await runTool(tool, { inputs: [noise], options: { format: to, quality: 95 } });

    expect((await bytesOf(poor)).length).toBeLessThan((await bytesOf(good)).length / 2);
  });

  it('reports its steps, from 0 to 1', async () => {
    await using run = await runTool(tool, { inputs: [await given(quarters(), 'png')], options: { format: 'jpeg' } });

    expect(run.progress).toEqual([0, 0.1, 1]);
  });

  it('gives the same bytes for the same request', async () => {
    const request = { inputs: [await given(quarters(), 'png')], options: { format: 'webp', width: 30 } } as const;

    await using first = await runTool(tool, request);
    await using second = await runTool(tool, request);

    expect((await bytesOf(first)).equals(await bytesOf(second))).toBe(true);
  });

  it('stops between its steps when the run is aborted', async () => {
    const controller = new AbortController();
    const request = {
      inputs: [await given(quarters(), 'png')],
      options: { format: 'webp' },
      signal: controller.signal,
      onProgress: () => controller.abort(),
    } as const;

    await expect(runTool(tool, request)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
