import { degrees, type PDFDocument, type PDFPage } from '@cantoo/pdf-lib';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { colour, fontFor, inInk } from './lettering.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { layOn, type Stamp } from './overlay.ts';
import { selection } from './pages.ts';

/** How much of the page, along the line of the text, the text may take. */
const SHARE = 0.8;

const options = z.strictObject({
  text: z.string().trim().min(1).max(100).describe('What stands across the page, in letters of western Europe.'),
  size: z.int().min(6).max(500).default(72).describe('Points. Made smaller where the text would not fit the page.'),
  angle: z.int().min(-90).max(90).default(45).describe('Degrees by which the text rises to the right.'),
  opacity: z.number().min(0.01).max(1).default(0.2).describe('From nearly invisible to covering what lies below.'),
  color: colour.default('#808080').describe('Colour of the letters, such as #cc0000.'),
  layer: z.enum(['over', 'under']).default('over').describe('Whether it lies on what the page shows, or under it.'),
  pages: selection.default('1-last').describe('The pages to mark, such as 1-3, 7, last.'),
});

type Options = z.output<typeof options>;

export default class PdfWatermark extends BaseTool<typeof options> {
  readonly name = 'pdf-watermark';
  readonly title = 'Watermark a PDF';
  readonly description = 'Writes a text across pages of a document, such as DRAFT or CONFIDENTIAL.';
  override readonly category = 'pdf';
  override readonly keywords = ['stamp', 'draft', 'confidential', 'text', 'overlay'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  process(run: ToolRun<Options>): Promise<ToolResult> {
    const { pages, layer } = run.options;
    return layOn(run, { pages, layer, suffix: '-marked' }, (sheets) => acrossPages(sheets, run.options));
  }
}

async function acrossPages(sheets: PDFDocument, { text, size, angle, opacity, color }: Options): Promise<Stamp> {
  const font = await fontFor(text, sheets);
  const turn = (angle / 180) * Math.PI;
  return {
    key: (_, { width, height }) => `${width} ${height}`,
    draw: (sheet: PDFPage) => {
      const { width, height } = sheet.getSize();
      const room = SHARE * Math.min(width / Math.cos(turn), height / Math.abs(Math.sin(turn)));
      const fitting = Math.min(size, (size * room) / font.widthOfTextAtSize(text, size));
      const length = font.widthOfTextAtSize(text, fitting);
      const rise = font.heightAtSize(fitting, { descender: false }) / 2;
      sheet.drawText(text, {
        font,
        size: fitting,
        color: inInk(color),
        opacity,
        rotate: degrees(angle),
        x: width / 2 - (Math.cos(turn) * length) / 2 + Math.sin(turn) * rise,
        y: height / 2 - (Math.sin(turn) * length) / 2 - Math.cos(turn) * rise,
      });
    },
  };
}
