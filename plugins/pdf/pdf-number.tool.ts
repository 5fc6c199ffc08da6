import type { PDFDocument, PDFPage } from '@cantoo/pdf-lib';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { colour, fontFor, inInk } from './lettering.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { layOn, type Stamp } from './overlay.ts';
import { selection } from './pages.ts';
import { placed, position } from './position.ts';

const options = z.strictObject({
  format: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .default('{page}')
    .describe(
      'What is written: {page} becomes the number of the page, {total} the last number, such as {page} / {total}.',
    ),
  start: z.int().min(0).max(1_000_000).default(1).describe('The number of the first page that is numbered.'),
  position: position.default('bottom').describe('Where on the page the number stands.'),
  margin: z.int().min(0).max(500).default(28).describe('Points between the number and the edge of the page.'),
  size: z.int().min(4).max(100).default(10).describe('Points.'),
  color: colour.default('#000000').describe('Colour of the number, such as #cc0000.'),
  pages: selection.default('1-last').describe('The pages to number, such as 2-last.'),
});

type Options = z.output<typeof options>;

export default class PdfNumber extends BaseTool<typeof options> {
  readonly name = 'pdf-number';
  readonly title = 'Number the pages of a PDF';
  readonly description = 'Writes page numbers on a document, in any corner, with any words around them.';
  override readonly category = 'pdf';
  override readonly keywords = ['page numbers', 'pagination', 'footer', 'header', 'bates'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  process(run: ToolRun<Options>): Promise<ToolResult> {
    return layOn(run, { pages: run.options.pages, layer: 'over', suffix: '-numbered' }, (sheets, count) =>
      numbers(sheets, count, run.options),
    );
  }
}

async function numbers(
  sheets: PDFDocument,
  count: number,
  { format, start, position, margin, size, color: ink }: Options,
): Promise<Stamp> {
  const font = await fontFor(format, sheets);
  const color = inInk(ink);
  let next = start;
  return {
    key: (page) => String(page),
    draw: (sheet: PDFPage) => {
      const text = format.replaceAll('{page}', String(next)).replaceAll('{total}', String(start + count - 1));
      const thing = {
        width: font.widthOfTextAtSize(text, size),
        height: font.heightAtSize(size, { descender: false }),
      };
      sheet.drawText(text, { font, size, color, ...placed(position, sheet.getSize(), thing, margin) });
      next += 1;
    },
  };
}
