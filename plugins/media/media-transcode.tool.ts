import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg } from './ffmpeg.ts';
import { demandVideo, readMedia } from './media.ts';
import { keepMetadata, metadata, rename, scaledInto } from './options.ts';
import { INPUT_TYPES, source } from './source.ts';

const QUALITIES = {
  mp4: { low: 30, medium: 24, high: 19 },
  webm: { low: 42, medium: 35, high: 28 },
} as const;

const options = z.strictObject({
  format: z
    .enum(['mp4', 'webm'])
    .default('mp4')
    .describe('mp4 has H.264 and AAC, which everything plays; webm has VP9 and Opus.'),
  quality: z
    .enum(['low', 'medium', 'high'])
    .default('medium')
    .describe('How much of the picture is kept, and how large the file gets.'),
  max_width: z
    .int()
    .min(16)
    .max(3_840)
    .default(1_920)
    .describe('Pixels. A wider film is made smaller, keeping its shape.'),
  max_height: z
    .int()
    .min(16)
    .max(3_840)
    .default(1_920)
    .describe('Pixels. A higher film is made smaller, keeping its shape.'),
  frame_rate: z.int().min(1).max(120).optional().describe('Pictures in a second. By default as many as before.'),
  mute: z.boolean().default(false).describe('Whether the sound is left out.'),
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class MediaTranscode extends BaseTool<typeof options> {
  readonly name = 'media-transcode';
  readonly title = 'Convert a film';
  readonly description =
    'Makes an MP4 or WebM of a film, smaller if it is larger than wanted, turned as it is meant to be seen, and without metadata unless asked. The first film and the first sound are taken.';
  override readonly category = 'media';
  override readonly keywords = ['video', 'convert', 'compress', 'mp4', 'webm', 'resize', 'h264', 'vp9'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['video/mp4', 'video/webm'];
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  // 4K to 4K as H.264 holds 1.3 GiB; a square of 3840 pixels nearly twice that.
  override readonly limits = {
    memoryMb: 2560,
    totalMs: 3_600_000,
    maxInputBytes: 8 * 1024 ** 3,
    maxOutputBytes: 4 * 1024 ** 3,
  };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { format, mute, keep_metadata: keep } = run.options;
    const media = await readMedia(run);
    demandVideo(media);
    const made = await ffmpeg(run, {
      input: source(media.input),
      output: [
        '-map',
        '0:V:0',
        ...(mute ? ['-an'] : ['-map', '0:a:0?']),
        '-sn',
        '-dn',
        ...picture(run.options),
        ...(mute ? [] : sound(format)),
        ...metadata(keep),
        ...container(format),
      ],
      file: `film.${format}`,
      seconds: media.seconds,
      message: `Converting to ${format}`,
    });
    const data = {
      format,
      bytes: made.bytes,
      bytes_before: media.input.size,
      seconds: media.seconds ?? null,
      warnings: made.warnings,
    };
    return { outputs: [{ path: made.path, name: rename(media.input, format) }], data };
  }
}

function picture({ format, quality, max_width: width, max_height: height, frame_rate: rate }: Options): string[] {
  const crf = String(QUALITIES[format][quality]);
  const codec =
    format === 'mp4'
      ? ['-c:v', 'libx264', '-preset', 'fast', '-crf', crf]
      : ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '5', '-row-mt', '1', '-b:v', '0', '-crf', crf];
  return ['-vf', scaledInto(width, height), ...(rate ? ['-r', String(rate)] : []), ...codec, '-pix_fmt', 'yuv420p'];
}

function sound(format: Options['format']): string[] {
  return format === 'mp4'
    ? ['-c:a', 'aac', '-b:a', '160k', '-ac', '2']
    : ['-c:a', 'libopus', '-b:a', '128k', '-ac', '2'];
}

/** The table of contents comes first, so that a browser can begin before it has all. */
function container(format: Options['format']): string[] {
  return format === 'mp4' ? ['-movflags', '+faststart', '-f', 'mp4'] : ['-f', 'webm'];
}
