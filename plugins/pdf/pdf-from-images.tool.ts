import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { PICTURES } from './decoders.ts';
import { renamed, resultPath, WRITING } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import type { Size } from './page-sizes.ts';
import { addPicturePage, type Box, storePicture } from './picture-page.ts';

/** Points. */
const SHEETS: Readonly<Record<'a4' | 'a3' | 'a5' | 'letter', Size>> = {
  a3: { width: 841.89, height: 1190.55 },
  a4: { width: 595.28, height: 841.89 },
  a5: { width: 419.53, height: 595.28 },
  letter: { width: 612, height: 792 },
};

/** Points of the longest side of a page, by ISO 32000-1, annex C. */
const MAX_SIDE = 14_400;

const options = z.strictObject({
  page: z
    .enum(['fit', 'a3', 'a4', 'a5', 'letter'])
    .default('fit')
    .describe('Size of the pages. fit gives each page the size of its picture; the others turn to suit it.'),
  dpi: z
    .int()
    .min(36)
    .max(1_200)
    .default(150)
    .describe('Pixels per inch, with fit. Otherwise the picture fills the page.'),
  margin: z.int().min(0).max(200).default(0).describe('Points of white around each picture.'),
});

type Options = z.output<typeof options>;

export default class PdfFromImages extends BaseTool<typeof options> {
  readonly name = 'pdf-from-images';
  readonly title = 'Images to PDF';
  readonly description =
    'Makes a document with a picture on each page, in the order given. JPEGs go in as they are, the others without loss, on white. ' +
    'Of a picture with several frames, the first is taken.';
  override readonly category = 'pdf';
  override readonly keywords = ['jpg', 'png', 'scan', 'photos', 'convert', 'album'];
  readonly inputFormats = PICTURES;
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = { ...DOCUMENT_LIMITS, maxInputs: 200 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [first] = run.inputs;
    if (first === undefined) throw new ToolError('image_missing', 'There is no picture.');

    const pages: string[] = [];
    for (const [index, input] of run.inputs.entries()) {
      run.signal.throwIfAborted();
      run.progress((0.9 * index) / run.inputs.length, `Picture ${index + 1} of ${run.inputs.length}`);
      pages.push(await makePage(run, input, join(run.workspace, `${index + 1}.pdf`)));
    }
    const path = resultPath(run);
    run.progress(0.9, 'Putting pages together');
    await runProgram(run, 'qpdf', [...WRITING, '--empty', '--pages', ...pages, '--', path]);
    return { outputs: [renamed(first, path, '')], data: { pages: pages.length } };
  }
}

/** A document for each picture, so that no more than one of them is held in memory. */
async function makePage(run: ToolRun<Options>, input: InputFile, path: string): Promise<string> {
  const picture = await storePicture(input, run);
  const document = await PDFDocument.create({ updateMetadata: false });
  const { page, box } = arrange(picture.size, run.options);
  addPicturePage(document, picture, page, box);
  await writeFile(path, await document.save({ useObjectStreams: false }));
  return path;
}

/** The page of a picture, and where on it the picture stands. */
function arrange(pixels: Size, { page, dpi, margin }: Options): { page: Size; box: Box } {
  const around = 2 * margin;
  if (page === 'fit') {
    const scale = Math.min(72 / dpi, (MAX_SIDE - around) / Math.max(pixels.width, pixels.height));
    const [width, height] = [pixels.width * scale, pixels.height * scale];
    return { page: { width: width + around, height: height + around }, box: { x: margin, y: margin, width, height } };
  }
  const upright = SHEETS[page];
  const sheet = pixels.width > pixels.height ? { width: upright.height, height: upright.width } : upright;
  const scale = Math.min((sheet.width - around) / pixels.width, (sheet.height - around) / pixels.height);
  const [width, height] = [pixels.width * scale, pixels.height * scale];
  return { page: sheet, box: { x: (sheet.width - width) / 2, y: (sheet.height - height) / 2, width, height } };
}
