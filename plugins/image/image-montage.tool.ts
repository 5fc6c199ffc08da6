import { parse } from 'node:path';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { save } from './edit.ts';
import { type Pixels, pixelsOf, still } from './frames.ts';
import { paintText } from './lettering.ts';
import { colour, format, quality } from './options.ts';
import { firstInput, INPUT_TYPES, readPicture, refuseTooLarge, upright } from './picture.ts';
import { blank, gridOf, paste } from './sheet.ts';

const cell = z.int().min(16).max(4_096).default(256);

const options = z.strictObject({
  columns: z.int().min(1).max(100).optional().describe('Images in a row. By default as many as there are rows.'),
  cell_width: cell.describe('Pixels that each image gets from left to right.'),
  cell_height: cell.describe('Pixels that each image gets from above to below.'),
  fit: z
    .enum(['contain', 'cover'])
    .default('contain')
    .describe('contain shows all of each image; cover fills the cell and crops what is over.'),
  gap: z.int().min(0).max(500).default(8).describe('Pixels between the images, and around all of them.'),
  background: colour.default('#ffffff').describe('Colour of what is between and behind the images.'),
  labels: z.boolean().default(false).describe('Whether the name of the file stands below each image.'),
  label_color: colour.default('#000000').describe('Colour of the names.'),
  format: format.default('jpeg'),
  quality,
});

type Options = z.output<typeof options>;

/** Pixels that a name gets, line and space around it. */
const LABEL_HEIGHT = 24;
const LABEL_MARGIN = 4;
const LONGEST_LABEL = 60;
const CLEAR = '#00000000';

export default class ImageMontage extends BaseTool<typeof options> {
  readonly name = 'image-montage';
  readonly title = 'Make a contact sheet';
  readonly description =
    'Puts up to 100 images side by side on one sheet, in the order in which they come, with or without their names. Of an animation the first frame is shown.';
  override readonly category = 'image';
  override readonly keywords = ['contact sheet', 'collage', 'grid', 'overview', 'sprite', 'join'];
  readonly inputFormats = INPUT_TYPES;
  readonly outputFormats = INPUT_TYPES;
  readonly options = options;
  override readonly limits = { memoryMb: 2560, maxInputs: 100, maxInputBytes: 256 * 1024 ** 2 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { inputs, options } = run;
    firstInput(inputs);
    const label = options.labels ? LABEL_HEIGHT : 0;
    const grid = gridOf({
      count: inputs.length,
      columns: options.columns,
      cell: { width: options.cell_width, height: options.cell_height + label },
      gap: options.gap,
    });
    refuseTooLarge(grid, 1);

    const sheet = blank(grid, options.background);
    for (const [index, input] of inputs.entries()) {
      run.signal.throwIfAborted();
      run.progress((0.9 * index) / inputs.length, `Image ${index + 1} of ${inputs.length}`);
      const place = grid.placeOf(index);
      paste(sheet, await picture(run, input), place);
      if (label > 0) paste(sheet, await name(run, input), { ...place, top: place.top + options.cell_height });
    }
    const { format, quality } = options;
    const result = await save(run, still(sheet), { format, quality, frames: 1, name: { name: 'montage' } });
    return {
      ...result,
      data: { ...Object(result.data), columns: grid.columns, rows: grid.rows, images: inputs.length },
    };
  }
}

async function picture(run: ToolRun<Options>, input: InputFile): Promise<Pixels> {
  const { cell_width: width, cell_height: height, fit, background } = run.options;
  const image = upright(await readPicture(input, false, run)).resize({ width, height, fit, background });
  return pixelsOf(run, still(await pixelsOf(run, image)).flatten({ background }));
}

async function name(run: ToolRun<Options>, input: InputFile): Promise<Pixels> {
  const { cell_width: width, background } = run.options;
  const line = await lettering(run, parse(input.name).name.slice(0, LONGEST_LABEL), width);
  const edge = { top: LABEL_MARGIN, bottom: LABEL_MARGIN, background: CLEAR };
  const whole = await pixelsOf(run, still(line).extend(edge));
  return pixelsOf(run, still(whole).flatten({ background }));
}

/** A name of which nothing can be seen leaves its line empty. */
async function lettering(run: ToolRun<Options>, text: string, width: number): Promise<Pixels> {
  const size = { width, height: LABEL_HEIGHT - 2 * LABEL_MARGIN };
  try {
    const drawn = await pixelsOf(run, paintText(text, size, { color: run.options.label_color, font: 'sans' }));
    const fitting = { fit: 'contain', background: CLEAR, withoutEnlargement: true } as const;
    return await pixelsOf(run, still(drawn).resize({ ...size, ...fitting }));
  } catch (error) {
    if (error instanceof ToolError && error.code === 'text_blank') return blank(size, CLEAR);
    throw error;
  }
}
