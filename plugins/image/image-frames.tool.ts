import { join } from 'node:path';
import { BaseTool, ToolError, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { rename } from './edit.ts';
import { explained } from './failure.ts';
import { ANIMATED_TYPES, FORMATS } from './formats.ts';
import { decode, still } from './frames.ts';
import { quality } from './options.ts';
import { firstInput, type Picture, readPicture } from './picture.ts';

const MAX_FRAMES = 500;

const frame = z.int().min(1).max(100_000);

const options = z.strictObject({
  format: z
    .enum(['png', 'jpeg', 'webp'])
    .default('png')
    .describe('Format of each picture. In JPEG, what was transparent becomes white.'),
  first: frame.default(1).describe('Number of the first frame that is taken.'),
  last: frame.optional().describe('Number of the last frame that is taken. By default the last that there is.'),
  step: z.int().min(1).max(1_000).default(1).describe('Takes each frame with 1, every second with 2, and so on.'),
  quality,
});

type Options = z.output<typeof options>;

export default class ImageFrames extends BaseTool<typeof options> {
  readonly name = 'image-frames';
  readonly title = 'Split an animation';
  readonly description = `Makes a picture of each frame of an animated GIF or WebP, ${MAX_FRAMES} at most, and tells how long each is shown.`;
  override readonly category = 'image';
  override readonly keywords = ['gif', 'animation', 'extract', 'stills', 'pages'];
  readonly inputFormats = ANIMATED_TYPES;
  readonly outputFormats = ['image/png', 'image/jpeg', 'image/webp'];
  readonly options = options;
  override readonly limits = { memoryMb: 1024, maxInputs: 1 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const picture = await readPicture(firstInput(run.inputs), true, run);
    const numbers = wanted(picture, run.options);
    run.progress(0.1, 'Decoding');
    const frames = await decode(run, picture);

    const outputs: OutputFile[] = [];
    const { format, quality } = run.options;
    const { encode, extension } = FORMATS[format];
    for (const number of numbers) {
      const pixels = frames[number - 1];
      if (pixels === undefined) break;
      run.signal.throwIfAborted();
      run.progress(0.2 + (0.8 * outputs.length) / numbers.length, `Frame ${number}`);
      const path = join(run.workspace, `${number}.${extension}`);
      await explained(encode(still(pixels), quality).toFile(path), run);
      outputs.push({ path, name: rename(picture.input, extension, `-${String(number).padStart(3, '0')}`) });
    }
    return { outputs, data: about(picture, numbers) };
  }
}

function wanted({ frames }: Picture, { first, last = frames, step }: Options): number[] {
  const numbers = Array.from({ length: frames }, (_, index) => index + 1).filter(
    (number) => number >= first && number <= last && (number - first) % step === 0,
  );
  if (numbers.length === 0)
    throw new ToolError('frames_missing', `The animation has no such frames; it has ${frames} in all.`);
  if (numbers.length <= MAX_FRAMES) return numbers;
  throw new ToolError(
    'frames_too_many',
    `These are ${numbers.length} frames. Take ${MAX_FRAMES} at most, or a larger step.`,
  );
}

function about({ width, height, frames, header }: Picture, numbers: readonly number[]): object {
  const delays = numbers.map((number) => header.delay?.[number - 1] ?? 0);
  return { width, height, frames_in_all: frames, frames: numbers, delay_ms: delays, loop: header.loop ?? 1 };
}
