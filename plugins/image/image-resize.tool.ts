import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { edit } from './edit.ts';
import { encoding, keepMetadata } from './options.ts';
import { INPUT_TYPES } from './picture.ts';
import { demandSide, scaling, scalingOptions } from './scaling.ts';

const options = z.strictObject({ ...scalingOptions, ...encoding, keep_metadata: keepMetadata });

type Options = z.output<typeof options>;

export default class ImageResize extends BaseTool<typeof options> {
  readonly name = 'image-resize';
  readonly title = 'Resize an image';
  readonly description =
    'Makes an image smaller or larger and keeps its format. GIF and WebP stay animated; of any other file with several pages the first is taken.';
  override readonly category = 'image';
  override readonly keywords = ['scale', 'smaller', 'larger', 'shrink', 'dimensions', 'pixels'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = INPUT_TYPES;
  readonly options = options;
  // What image-convert needs, which does the same.
  override readonly limits = { memoryMb: 2560, maxInputs: 1 };
  override readonly deterministic = true;

  override validate({ options }: ToolRun<Options>): void {
    demandSide(options);
  }

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return edit(run, 'Resizing', (picture, format) => scaling(picture, run.options, format));
  }
}
