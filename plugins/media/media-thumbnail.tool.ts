import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg, type Made, type Work } from './ffmpeg.ts';
import { demandVideo, type Media, readMedia, refuseBeyond } from './media.ts';
import { metadata, rename, scaledInto, seconds } from './options.ts';
import { INPUT_TYPES, source } from './source.ts';

const ENCODERS = {
  jpeg: { extension: 'jpg', args: ['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p'] },
  png: { extension: 'png', args: ['-c:v', 'png'] },
  webp: { extension: 'webp', args: ['-c:v', 'libwebp', '-quality', '80'] },
} as const;

/** Where a film is looked at unless it is said: films often begin black. */
const USUAL_SHARE = 0.1;

const options = z.strictObject({
  at: seconds.optional().describe('Seconds from the beginning. By default a tenth of the film.'),
  size: z.int().min(16).max(3_840).default(640).describe('Pixels that the longer side has at most.'),
  format: z.enum(['jpeg', 'png', 'webp']).default('jpeg').describe('Format of the picture.'),
});

type Options = z.output<typeof options>;

export default class MediaThumbnail extends BaseTool<typeof options> {
  readonly name = 'media-thumbnail';
  readonly title = 'Take a picture out of a film';
  readonly description =
    'Makes a picture of one moment of a film, turned as it is meant to be seen. It is never enlarged.';
  override readonly category = 'media';
  override readonly keywords = ['video', 'preview', 'poster', 'frame', 'screenshot', 'still'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/jpeg', 'image/png', 'image/webp'];
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  override readonly limits = { memoryMb: 1024, totalMs: 120_000, maxInputBytes: 8 * 1024 ** 3 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { format } = run.options;
    const media = await readMedia(run);
    demandVideo(media);
    const at = run.options.at ?? (media.seconds ?? 0) * USUAL_SHARE;
    refuseBeyond(media, at);
    const { extension } = ENCODERS[format];
    const made = await taken(run, media, at);
    return {
      outputs: [{ path: made.path, name: rename(media.input, extension) }],
      data: { at: Math.round(at * 1_000) / 1_000, format, bytes: made.bytes, warnings: made.warnings },
    };
  }
}

/** Some films cannot be entered in the middle: then they are looked through from their beginning. */
async function taken(run: ToolRun<Options>, media: Media, at: number): Promise<Made> {
  const seek = ['-ss', String(at)];
  const input = source(media.input);
  try {
    return await ffmpeg(run, picture(run.options, [...seek, ...input]));
  } catch (error) {
    if (at === 0 || !(error instanceof ToolError) || error.code !== 'part_empty') throw error;
    return ffmpeg(run, picture(run.options, input, seek));
  }
}

function picture({ format, size }: Options, input: readonly string[], seek: readonly string[] = []): Work {
  const { extension, args } = ENCODERS[format];
  const one = ['-map', '0:V:0', '-frames:v', '1', '-vf', scaledInto(size, size)];
  return {
    input,
    output: [...seek, ...one, ...args, ...metadata(false), '-f', 'image2', '-update', '1'],
    file: `picture.${extension}`,
    seconds: undefined,
    message: 'Taking the picture',
  };
}
