import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { ffmpeg } from './ffmpeg.ts';
import { demandAudio, readMedia } from './media.ts';
import { rename } from './options.ts';
import { type Peak, readPeaks } from './peaks.ts';
import { INPUT_TYPES, source } from './source.ts';
import { paintWaveform } from './waveform.ts';

/** Enough for a picture: six hours are 345 MB. */
const SAMPLES_PER_SECOND = '8000';

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #ffcc00');

const options = z.strictObject({
  width: z.int().min(16).max(8_192).default(1_200).describe('Pixels of the picture.'),
  height: z.int().min(16).max(2_048).default(200).describe('Pixels of the picture.'),
  color: colour.default('#336699').describe('Colour of the sound, such as #ffcc00. What is behind is transparent.'),
  peaks: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe('How many peaks the answer tells, for players that draw for themselves.'),
});

type Options = z.output<typeof options>;

export default class MediaWaveform extends BaseTool<typeof options> {
  readonly name = 'media-waveform';
  readonly title = 'Draw the waveform of a sound';
  readonly description =
    'Draws how loud a sound is over its time, as a PNG, and tells its peaks as numbers if wanted. All channels are mixed into one.';
  override readonly category = 'media';
  override readonly keywords = ['audio', 'peaks', 'loudness', 'picture', 'player', 'podcast'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/png'];
  readonly options = options;
  override readonly requires = ['ffmpeg', 'ffprobe'];
  override readonly limits = { memoryMb: 512, totalMs: 600_000, maxInputBytes: 8 * 1024 ** 3 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { width, height, color, peaks } = run.options;
    const media = await readMedia(run);
    demandAudio(media);
    const sound = await ffmpeg(run, {
      input: source(media.input),
      output: [
        '-map',
        '0:a:0',
        '-vn',
        '-sn',
        '-dn',
        '-ac',
        '1',
        '-ar',
        SAMPLES_PER_SECOND,
        '-c:a',
        'pcm_s16le',
        '-f',
        's16le',
      ],
      file: 'samples',
      seconds: media.seconds,
      message: 'Listening',
      share: [0.05, 0.8],
    });
    run.progress(0.8, 'Drawing');
    const columns = await readPeaks(sound.path, width, run.signal);
    const told = peaks > 0 ? await readPeaks(sound.path, peaks, run.signal) : [];
    await rm(sound.path);

    const path = join(run.workspace, 'waveform.png');
    await writeFile(path, paintWaveform(columns, height, color));
    const seconds = sound.bytes / 2 / Number(SAMPLES_PER_SECOND);
    return {
      outputs: [{ path, name: rename(media.input, 'png') }],
      data: {
        width,
        height,
        seconds,
        loudest: loudest(columns),
        peaks: told.map(({ low, high }) => [low, high]),
        warnings: sound.warnings,
      },
    };
  }
}

function loudest(columns: readonly Peak[]): number {
  return columns.reduce((most, { low, high }) => Math.max(most, -low, high), 0);
}
