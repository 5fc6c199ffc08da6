import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg } from './ffmpeg.ts';
import { demandAudio, readMedia } from './media.ts';
import { keepMetadata, metadata, rename } from './options.ts';
import { INPUT_TYPES, source } from './source.ts';

/** `rate`: whether the bit rate can be chosen. */
const ENCODERS = {
  mp3: { codec: 'libmp3lame', muxer: 'mp3', rate: true },
  m4a: { codec: 'aac', muxer: 'ipod', rate: true },
  ogg: { codec: 'libopus', muxer: 'ogg', rate: true },
  flac: { codec: 'flac', muxer: 'flac', rate: false },
  wav: { codec: 'pcm_s16le', muxer: 'wav', rate: false },
} as const;

const options = z.strictObject({
  format: z
    .enum(['mp3', 'm4a', 'ogg', 'flac', 'wav'])
    .default('mp3')
    .describe('m4a has AAC, ogg has Opus; flac and wav lose nothing.'),
  bit_rate: z
    .int()
    .min(32)
    .max(320)
    .default(192)
    .describe('Kilobits a second of MP3, M4A and OGG. The others have none and ignore it.'),
  channels: z
    .enum(['as_is', 'mono', 'stereo'])
    .default('as_is')
    .describe('as_is makes stereo of more than two channels.'),
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class MediaExtractAudio extends BaseTool<typeof options> {
  readonly name = 'media-extract-audio';
  readonly title = 'Take the sound out of a film';
  readonly description =
    'Makes an MP3, M4A, OGG, FLAC or WAV of the sound of a film, or of another sound. The first sound of the file is taken.';
  override readonly category = 'media';
  override readonly keywords = ['audio', 'convert', 'mp3', 'm4a', 'wav', 'flac', 'opus', 'podcast', 'soundtrack'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['audio/mpeg', 'audio/x-m4a', 'audio/mp4', 'audio/ogg', 'audio/flac', 'audio/wav'];
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  // Six hours of stereo as WAV are 3.8 GB.
  override readonly limits = {
    memoryMb: 512,
    totalMs: 1_200_000,
    maxInputBytes: 8 * 1024 ** 3,
    maxOutputBytes: 4 * 1024 ** 3,
  };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { format, bit_rate: rate, keep_metadata: keep, channels } = run.options;
    const media = await readMedia(run);
    const { channels: before = 2 } = demandAudio(media);
    const { codec, muxer, rate: hasRate } = ENCODERS[format];
    const count = channels === 'as_is' ? Math.min(2, before) : channels === 'mono' ? 1 : 2;
    const made = await ffmpeg(run, {
      input: source(media.input),
      output: [
        '-map',
        '0:a:0',
        '-vn',
        '-sn',
        '-dn',
        '-c:a',
        codec,
        '-ac',
        String(count),
        ...(hasRate ? ['-b:a', `${rate}k`] : []),
        ...metadata(keep),
        '-f',
        muxer,
      ],
      file: `sound.${format}`,
      seconds: media.seconds,
      message: `Converting to ${format}`,
    });
    const data = {
      format,
      channels: count,
      bytes: made.bytes,
      seconds: media.seconds ?? null,
      warnings: made.warnings,
    };
    return { outputs: [{ path: made.path, name: rename(media.input, format) }], data };
  }
}
