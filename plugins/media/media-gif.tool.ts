import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg } from './ffmpeg.ts';
import { demandVideo, readMedia, refuseBeyond } from './media.ts';
import { metadata, rename, scaledInto, seconds } from './options.ts';
import { INPUT_TYPES, source } from './source.ts';

const options = z.strictObject({
  start: seconds.default(0).describe('Seconds from the beginning of the film.'),
  duration: z.number().min(0.1).max(30).default(5).describe('Seconds that the animation lasts, at most.'),
  frame_rate: z.int().min(1).max(30).default(10).describe('Pictures in a second.'),
  size: z.int().min(16).max(1_024).default(480).describe('Pixels that the longer side has at most.'),
  loop: z.boolean().default(true).describe('Whether it is played again and again.'),
});

type Options = z.output<typeof options>;

export default class MediaGif extends BaseTool<typeof options> {
  readonly name = 'media-gif';
  readonly title = 'Make a GIF of a film';
  readonly description =
    'Makes an animated GIF of a part of a film, with the 256 colours that suit it best. GIF is large: keep it short and small.';
  override readonly category = 'media';
  override readonly keywords = ['video', 'animation', 'animated', 'meme', 'clip'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/gif'];
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  override readonly limits = { memoryMb: 1024, totalMs: 600_000, maxInputBytes: 8 * 1024 ** 3 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { start, duration, frame_rate: rate, size, loop } = run.options;
    const media = await readMedia(run);
    demandVideo(media);
    refuseBeyond(media, start);
    const part = { input: ['-ss', String(start), '-t', String(duration), ...source(media.input)], seconds: duration };
    const pictures = `fps=${rate},${scaledInto(size, size)}`;

    // In two passes, because in one the pictures would be held until all their colours are known.
    const colours = await ffmpeg(run, {
      ...part,
      output: ['-map', '0:V:0', '-vf', `${pictures},palettegen=stats_mode=diff`, '-f', 'image2', '-update', '1'],
      file: 'colours.png',
      message: 'Finding the colours',
      share: [0.05, 0.4],
    });
    const made = await ffmpeg(run, {
      ...part,
      input: [
        ...part.input,
        '-protocol_whitelist',
        'file',
        '-f',
        'png_pipe',
        '-i',
        `file:${join(run.workspace, 'colours.png')}`,
      ],
      output: [
        '-filter_complex',
        `[0:V:0]${pictures}[pictures];[pictures][1:v]paletteuse=dither=bayer:bayer_scale=4`,
        '-loop',
        loop ? '0' : '-1',
        ...metadata(false),
        '-f',
        'gif',
      ],
      file: 'film.gif',
      message: 'Painting',
      share: [0.4, 1],
    });
    return {
      outputs: [{ path: made.path, name: rename(media.input, 'gif') }],
      data: { frame_rate: rate, bytes: made.bytes, warnings: colours.warnings + made.warnings },
    };
  }
}
