import type { Metadata } from 'sharp';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { readExif } from './exif.ts';
import { ANIMATED_TYPES } from './formats.ts';
import { readProfile } from './icc.ts';
import { readIptc } from './iptc.ts';
import { firstInput, formatOf, INPUT_TYPES, type Picture, readPicture } from './picture.ts';
import { readXmp } from './xmp.ts';

const options = z.strictObject({});

const MAX_COMMENTS = 20;
const MAX_COMMENT = 1_000;
const MAX_DELAYS = 1_000;

export default class ImageReadMetadata extends BaseTool<typeof options> {
  readonly name = 'image-read-metadata';
  readonly title = 'Read the metadata of an image';
  readonly description =
    'Tells size, colours and animation, and what EXIF, IPTC, XMP and the colour profile say: camera, time, names, rights. ' +
    'The place where the picture was taken stands apart, as location. No pixel is decoded.';
  override readonly category = 'image';
  override readonly keywords = ['exif', 'gps', 'iptc', 'xmp', 'icc', 'camera', 'info', 'dimensions'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { memoryMb: 512, maxInputs: 1, totalMs: 60_000 };
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const input = firstInput(run.inputs);
    run.progress(0, 'Reading the header');
    const picture = await readPicture(input, ANIMATED_TYPES.includes(input.type), run);
    return { data: { ...appearance(picture), ...statements(picture.header) } };
  }
}

function appearance({ input, header, width, height, frames }: Picture): object {
  const { space, channels, depth, hasAlpha, density, orientation, delay, loop } = header;
  return {
    format: formatOf(input),
    bytes: input.size,
    width,
    height,
    orientation: orientation ?? 1,
    density: density ?? null,
    color: { space, channels, depth, alpha: hasAlpha, profile: header.icc ? (readProfile(header.icc) ?? null) : null },
    pages: header.pages ?? 1,
    animation: frames > 1 ? { frames, loop: loop ?? null, delay_ms: delay?.slice(0, MAX_DELAYS) ?? null } : null,
  };
}

function statements({ exif, iptc, xmpAsString, comments }: Metadata): object {
  const { fields, location } = exif ? readExif(exif) : { fields: {}, location: undefined };
  const properties = xmpAsString ? readXmp(xmpAsString) : undefined;
  const xmp = Object.entries(properties ?? {});
  const places = xmp.filter(([name]) => isPlace(name));
  const others = xmp.filter(([name]) => !isPlace(name));
  return {
    location:
      location || places.length > 0
        ? { ...location, ...(places.length > 0 && { xmp: Object.fromEntries(places) }) }
        : null,
    exif: exif ? fields : null,
    iptc: iptc ? readIptc(iptc) : null,
    xmp: properties ? Object.fromEntries(others) : null,
    comments: (comments ?? [])
      .slice(0, MAX_COMMENTS)
      .map(({ keyword, text }) => ({ keyword, text: text.slice(0, MAX_COMMENT) })),
  };
}

function isPlace(name: string): boolean {
  return /:GPS/i.test(name);
}
