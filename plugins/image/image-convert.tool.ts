import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { edit } from './edit.ts';
import { FORMATS } from './formats.ts';
import { format, keepMetadata, quality } from './options.ts';
import { INPUT_TYPES } from './picture.ts';
import { scaling, scalingOptions } from './scaling.ts';

const options = z.strictObject({ format, ...scalingOptions, quality, keep_metadata: keepMetadata });

type Options = z.output<typeof options>;

export default class ImageConvert extends BaseTool<typeof options> {
  readonly name = 'image-convert';
  readonly title = 'Convert an image';
  readonly description =
    'Changes the format and the size of an image. Turns it upright, converts colours to sRGB, and removes metadata unless asked. ' +
    'GIF and WebP stay animated in each other; of any other file with several pages the first is taken.';
  override readonly category = 'image';
  override readonly keywords = ['resize', 'scale', 'thumbnail', 'compress', 'jpg', 'photo', 'picture', 'exif'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = Object.values(FORMATS).map(({ type }) => type);
  readonly options = options;
  // 50 megapixels with transparency to AVIF hold 2.1 GiB; to GIF, the slowest, they take a minute.
  override readonly limits = { memoryMb: 2560, maxInputs: 1 };
  override readonly deterministic = true;

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return edit(run, `Converting to ${run.options.format}`, (picture, format) => scaling(picture, run.options, format));
  }
}
