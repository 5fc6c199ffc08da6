import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { save } from './edit.ts';
import { quality } from './options.ts';
import { firstInput, INPUT_TYPES, readPicture, upright } from './picture.ts';

const options = z.strictObject({
  size: z.int().min(8).max(2_048).default(256).describe('Pixels of the longer side; of both sides when it is square.'),
  shape: z
    .enum(['whole', 'square'])
    .default('whole')
    .describe('whole shows all of the image; square crops to its most striking part.'),
  format: z.enum(['webp', 'jpeg', 'png', 'avif']).default('webp').describe('Format of the preview.'),
  quality,
});

type Options = z.output<typeof options>;

export default class ImageThumbnail extends BaseTool<typeof options> {
  readonly name = 'image-thumbnail';
  readonly title = 'Make a thumbnail';
  readonly description =
    'Makes a small preview of an image, upright, in sRGB and without metadata. Of an animation the first frame is shown. A small image is not enlarged.';
  override readonly category = 'image';
  override readonly keywords = ['preview', 'small', 'icon', 'square', 'avatar'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = ['image/webp', 'image/jpeg', 'image/png', 'image/avif'];
  readonly options = options;
  override readonly limits = { memoryMb: 1024, totalMs: 120_000, maxInputs: 1 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { size, shape, format, quality } = run.options;
    const picture = await readPicture(firstInput(run.inputs), false, run);
    run.signal.throwIfAborted();
    run.progress(0.1, 'Shrinking');
    const side = shape === 'square' ? Math.min(size, picture.width, picture.height) : size;
    const image = upright(picture).resize({
      width: side,
      height: side,
      fit: shape === 'square' ? 'cover' : 'inside',
      position: 'attention',
      withoutEnlargement: true,
    });
    return save(run, image, { format, quality, frames: 1, name: picture.input });
  }
}
