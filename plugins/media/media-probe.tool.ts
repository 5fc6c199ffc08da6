import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { frameRate, type Media, readMedia, type Stream } from './media.ts';
import { INPUT_TYPES } from './source.ts';

const options = z.strictObject({});

const MAX_TAG = 500;
const PLACE = /location|gps|coordinates/i;

export default class MediaProbe extends BaseTool<typeof options> {
  readonly name = 'media-probe';
  readonly title = 'Look into a film or a sound';
  readonly description =
    'Tells length, streams, codecs, sizes and what the file says of itself. The place where it was recorded stands apart, as location. Nothing is decoded as a whole.';
  override readonly category = 'media';
  override readonly keywords = ['video', 'audio', 'info', 'duration', 'codec', 'ffprobe', 'metadata'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = [];
  readonly options = options;
  override readonly requires = ['ffprobe'];
  override readonly limits = { memoryMb: 512, totalMs: 60_000, maxInputBytes: 8 * 1024 ** 3 };
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const media = await readMedia(run);
    const tags = Object.entries(media.tags).map(
      ([name, value]) => [name.toLowerCase(), value.slice(0, MAX_TAG)] as const,
    );
    const places = tags.filter(([name]) => PLACE.test(name));
    return {
      data: {
        type: media.input.type,
        bytes: media.input.size,
        seconds: media.seconds ?? null,
        bit_rate: media.bitRate ?? null,
        has_video: media.video !== undefined,
        has_audio: media.audio !== undefined,
        streams: media.streams.map((stream) => about(stream, media)),
        tags: Object.fromEntries(tags.filter(([name]) => !PLACE.test(name))),
        location: places.length > 0 ? Object.fromEntries(places) : null,
      },
    };
  }
}

function about(stream: Stream, media: Media): object {
  const common = { kind: stream.codec_type, codec: stream.codec_name, profile: stream.profile ?? null };
  const more = { bit_rate: stream.bit_rate ?? null, language: stream.tags['language'] ?? null };
  if (stream.codec_type === 'audio') {
    const { sample_rate, channels, channel_layout: layout } = stream;
    return { ...common, ...more, sample_rate: sample_rate ?? null, channels: channels ?? null, layout: layout ?? null };
  }
  if (stream.codec_type !== 'video') return { ...common, ...more };
  const rotation = stream.side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const size = { width: stream.width ?? null, height: stream.height ?? null, rotation, pixels: stream.pix_fmt ?? null };
  return {
    ...common,
    ...more,
    ...size,
    frame_rate: frameRate(stream) ?? null,
    is_cover: stream !== media.video && stream.disposition.attached_pic === 1,
  };
}
