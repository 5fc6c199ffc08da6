import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg } from './ffmpeg.ts';
import { type Media, readMedia, refuseBeyond } from './media.ts';
import { keepMetadata, metadata, rename, seconds } from './options.ts';
import { INPUT_TYPES, source } from './source.ts';

/** What the part of a file of this type is written as. */
const MUXERS: Readonly<Record<string, readonly [muxer: string, extension: string]>> = {
  'video/mp4': ['mp4', 'mp4'],
  'video/x-m4v': ['mp4', 'mp4'],
  'video/3gpp': ['mp4', 'mp4'],
  'video/3gpp2': ['mp4', 'mp4'],
  'video/quicktime': ['mov', 'mov'],
  'audio/mp4': ['ipod', 'm4a'],
  'audio/x-m4a': ['ipod', 'm4a'],
  'video/webm': ['webm', 'webm'],
  'video/mp2t': ['mpegts', 'ts'],
  'audio/mpeg': ['mp3', 'mp3'],
  'audio/aac': ['adts', 'aac'],
  'audio/flac': ['flac', 'flac'],
  'audio/wav': ['wav', 'wav'],
  'audio/ogg': ['ogg', 'ogg'],
};
/** By what they are detected as. */
const OUTPUT_TYPES = [...Object.keys(MUXERS), 'video/matroska', 'audio/matroska'];
/** It holds whatever there is. */
const ANY_MUXER = ['matroska', 'mkv'] as const;

const EXACT = [
  '-c:v',
  'libx264',
  '-preset',
  'fast',
  '-crf',
  '20',
  '-pix_fmt',
  'yuv420p',
  '-c:a',
  'aac',
  '-b:a',
  '192k',
  '-ac',
  '2',
];

const options = z.strictObject({
  start: seconds.default(0).describe('Seconds from the beginning of the file at which the part begins.'),
  end: seconds
    .optional()
    .describe('Seconds from the beginning of the file at which the part ends. By default the end of the file.'),
  exact: z
    .boolean()
    .default(false)
    .describe(
      'Whether a film is cut at just these moments, which means to encode it anew, as MP4. Otherwise it is copied as it is, ' +
        'and begins at the whole picture before.',
    ),
  keep_metadata: keepMetadata,
});

type Options = z.output<typeof options>;

export default class MediaTrim extends BaseTool<typeof options> {
  readonly name = 'media-trim';
  readonly title = 'Cut a part out of a film or a sound';
  readonly description = 'Takes what lies between two moments, without encoding it anew unless the cut shall be exact.';
  override readonly category = 'media';
  override readonly keywords = ['video', 'audio', 'cut', 'clip', 'shorten', 'split'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = OUTPUT_TYPES;
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  // What media-transcode needs, when the cut is exact.
  override readonly limits = {
    memoryMb: 2560,
    totalMs: 3_600_000,
    maxInputBytes: 8 * 1024 ** 3,
    maxOutputBytes: 8 * 1024 ** 3,
  };
  override readonly deterministic = true;

  override validate({ options: { start, end } }: ToolRun<Options>): void {
    if (end !== undefined && end <= start) throw new ToolError('part_backward', 'The part ends before it begins.');
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { start, end, exact, keep_metadata: keep } = run.options;
    const media = await readMedia(run);
    refuseBeyond(media, start);
    const encodes = exact && media.video !== undefined;
    const [muxer, extension] = encodes ? (['mp4', 'mp4'] as const) : (MUXERS[media.input.type] ?? ANY_MUXER);
    const length = lengthOf(media, start, end);
    const made = await ffmpeg(run, {
      input: ['-ss', String(start), ...source(media.input)],
      output: [
        ...(end === undefined ? [] : ['-t', String(end - start)]),
        '-map',
        '0:V?',
        '-map',
        '0:a?',
        '-sn',
        '-dn',
        ...(encodes ? EXACT : ['-c', 'copy', '-avoid_negative_ts', 'make_zero']),
        ...metadata(keep),
        '-f',
        muxer,
      ],
      file: `part.${extension}`,
      seconds: length,
      message: 'Cutting',
    });
    const data = {
      start,
      end: end ?? media.seconds ?? null,
      exact: encodes,
      bytes: made.bytes,
      warnings: made.warnings,
    };
    return { outputs: [{ path: made.path, name: rename(media.input, extension) }], data };
  }
}

function lengthOf({ seconds }: Media, start: number, end = seconds): number | undefined {
  return end === undefined ? undefined : Math.min(end, seconds ?? end) - start;
}
