import { ToolError, z, type InputFile, type ToolRun } from 'toolyard/sdk';
import { explained, unreadable } from './failure.ts';
import { MAX_PIXELS, MAX_STREAMS, source } from './source.ts';

/** Hours that a film may last. */
const MAX_SECONDS = 6 * 3_600;

/** What ffprobe says of pictures that it was told not to look at. */
const TOO_LARGE = /Picture size \d+x\d+ (exceeds|is invalid)/;

const tags = z.record(z.string(), z.string()).default({});

const stream = z.object({
  codec_type: z.string().default('unknown'),
  codec_name: z.string().default('unknown'),
  profile: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  pix_fmt: z.string().optional(),
  avg_frame_rate: z.string().default('0/0'),
  sample_rate: z.coerce.number().optional(),
  channels: z.number().optional(),
  channel_layout: z.string().optional(),
  duration: z.coerce.number().optional(),
  bit_rate: z.coerce.number().optional(),
  disposition: z.object({ attached_pic: z.number().default(0) }).prefault({}),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).default([]),
  tags,
});

const report = z.object({
  streams: z.array(stream).default([]),
  format: z.object({ duration: z.coerce.number().optional(), bit_rate: z.coerce.number().optional(), tags }),
});

export type Stream = z.output<typeof stream>;

/** A film or a sound of which only the headers have been read. */
export interface Media {
  readonly input: InputFile;
  /** Undefined where the file does not tell. */
  readonly seconds: number | undefined;
  readonly bitRate: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly streams: readonly Stream[];
  /** The first of each kind; the cover of a record is no film. */
  readonly video: Stream | undefined;
  readonly audio: Stream | undefined;
}

/** Asks ffprobe. Throws ToolError for what is no film or sound, or is longer, larger or has more streams than allowed. */
export async function readMedia(run: ToolRun<unknown>): Promise<Media> {
  const [input] = run.inputs;
  if (input === undefined) throw new ToolError('media_missing', 'There is no file.');
  run.progress(0, 'Reading the headers');
  const args = ['-hide_banner', '-v', 'error', '-show_format', '-show_streams', '-of', 'json', ...source(input)];
  const { stdout, stderr } = await explained(run.exec('ffprobe', args), run);
  if (TOO_LARGE.test(stderr)) throw tooLarge();
  const parsed = report.safeParse(JSON.parse(stdout));
  if (!parsed.success) throw unreadable();
  const { streams, format } = parsed.data;
  const seconds = lengthOf(format.duration, streams);
  const film = streams.filter(
    ({ codec_type, disposition }) => codec_type === 'video' && disposition.attached_pic === 0,
  );
  check(seconds, streams);
  const video = film.find(({ width = 0, height = 0 }) => width * height > 0);
  const audio = streams.find(({ codec_type, channels = 0 }) => codec_type === 'audio' && channels > 0);
  // Some readers take any bytes for a stream of which they then know nothing.
  if (video === undefined && audio === undefined) throw unreadable();
  return { input, seconds, bitRate: format.bit_rate, tags: format.tags, streams, video, audio };
}

export function demandVideo({ video }: Media): Stream {
  if (video === undefined) throw new ToolError('video_missing', 'The file has no film that can be read.');
  return video;
}

export function demandAudio({ audio }: Media): Stream {
  if (audio === undefined) throw new ToolError('audio_missing', 'The file has no sound that can be read.');
  return audio;
}

/** Pictures in a second; undefined where the file does not tell. */
export function frameRate({ avg_frame_rate: rate }: Stream): number | undefined {
  const [above = 0, below = 0] = rate.split('/').map(Number);
  return below > 0 && above > 0 ? Math.round((above / below) * 1_000) / 1_000 : undefined;
}

/** Throws ToolError for a part that begins after the end of the file. */
export function refuseBeyond({ seconds }: Media, start: number): void {
  if (seconds === undefined || start < seconds) return;
  throw new ToolError('part_outside', `The file lasts only ${Math.round(seconds * 1_000) / 1_000} seconds.`);
}

function lengthOf(whole: number | undefined, streams: readonly Stream[]): number | undefined {
  const lengths = [whole ?? 0, ...streams.map(({ duration }) => duration ?? 0)].filter((length) => length > 0);
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function tooLarge(): ToolError {
  return new ToolError('media_too_large', 'The film has more than 16 megapixels a picture.');
}

function check(seconds: number | undefined, streams: readonly Stream[]): void {
  if (streams.length > MAX_STREAMS) {
    throw new ToolError('media_too_large', `The file has more than ${MAX_STREAMS} streams.`);
  }
  if (streams.some(({ width = 0, height = 0 }) => width * height > MAX_PIXELS)) {
    throw tooLarge();
  }
  if ((seconds ?? 0) > MAX_SECONDS) throw new ToolError('media_too_long', 'The file lasts longer than 6 hours.');
}
