import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, stem } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS, MAX_FILES, MAX_PIXELS } from './limits.ts';
import { pageSizes, type Size } from './page-sizes.ts';
import { selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  format: z.enum(['png', 'jpeg']).default('png').describe('Format of the pictures.'),
  dpi: z.int().min(18).max(600).default(150).describe('Pixels per inch of the page.'),
  pages: selection.default('1-last').describe('The pages to draw, such as 1-3, 7, last.'),
  gray: z.boolean().default(false).describe('Whether the pictures are without colours.'),
  quality: z.int().min(1).max(100).default(85).describe('Quality of JPEG. PNG has none and ignores it.'),
});

type Options = z.output<typeof options>;

const EXTENSIONS = { png: 'png', jpeg: 'jpg' } as const;

export default class PdfToImages extends BaseTool<typeof options> {
  readonly name = 'pdf-to-images';
  readonly title = 'PDF to images';
  readonly description = 'Draws each page of a document as a picture, PNG or JPEG. Scripts and links in it do nothing.';
  override readonly category = 'pdf';
  override readonly keywords = ['render', 'png', 'jpg', 'picture', 'thumbnail', 'preview', 'rasterize'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['image/png', 'image/jpeg'];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo', 'pdftoppm'];
  override readonly limits = { ...DOCUMENT_LIMITS, totalMs: 1_200_000, idleMs: 120_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    const total = await countPages(run, input.path);
    const pages = [...new Set(selectedPages(run.options.pages, total))];
    if (pages.length > MAX_FILES) {
      throw new ToolError('too_many_files', `Those are ${pages.length} pages; ${MAX_FILES} at once are the most.`);
    }
    check(await pageSizes(run, input.path, total, 'CropBox'), pages, run.options.dpi);

    const outputs: OutputFile[] = [];
    for (const [index, page] of pages.entries()) {
      run.progress(index / pages.length, `Page ${page} (${index + 1} of ${pages.length})`);
      const path = await draw(run, input.path, page);
      const digits = String(page).padStart(String(total).length, '0');
      outputs.push({ path, name: `${stem(input)}-${digits}.${EXTENSIONS[run.options.format]}` });
    }
    return { outputs, data: { pages: total, images: outputs.length } };
  }
}

/** Refuses what would be too large before anything is drawn. */
function check(sizes: readonly Size[], pages: readonly number[], dpi: number): void {
  for (const page of pages) {
    const { width = 0, height = 0 } = sizes[page - 1] ?? {};
    if (((width * dpi) / 72) * ((height * dpi) / 72) <= MAX_PIXELS) continue;
    throw new ToolError('page_too_large', `At ${dpi} dpi, page ${page} would have more than 50 megapixels.`);
  }
}

/** A process for each page, so that what one page takes of memory is given back, and each is a step of progress. */
async function draw(run: ToolRun<Options>, source: string, page: number): Promise<string> {
  const { format, dpi, gray, quality } = run.options;
  const target = join(run.workspace, String(page));
  const how = format === 'png' ? ['-png'] : ['-jpeg', '-jpegopt', `quality=${quality}`];
  const which = ['-f', String(page), '-l', String(page), '-singlefile'];
  const args = ['-q', '-cropbox', '-r', String(dpi), ...which, ...how, ...(gray ? ['-gray'] : []), source, target];
  await runProgram(run, 'pdftoppm', args);
  const path = `${target}.${EXTENSIONS[format]}`;
  await access(path).catch(() => {
    throw new ToolError('page_unreadable', `Page ${page} is too damaged to be drawn.`);
  });
  return path;
}
