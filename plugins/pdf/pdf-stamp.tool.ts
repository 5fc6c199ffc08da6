import { type PDFDocument, type PDFPage } from '@cantoo/pdf-lib';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained, openPicture, PICTURES } from './decoders.ts';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { layOn, type Stamp } from './overlay.ts';
import { inRanges, selectedPages, selection } from './pages.ts';
import { placed, position } from './position.ts';

/** Pixels of each side of a stamp: more than a printer shows. */
const MAX_STAMP_SIDE = 1_600;

const PDF = 'application/pdf';

const options = z.strictObject({
  position: position
    .default('bottom-right')
    .describe('Where on the page a picture stands. A PDF covers the whole page.'),
  width: z.int().min(1).max(100).default(25).describe('Width of a picture in percent of the width of the page.'),
  margin: z.int().min(0).max(500).default(28).describe('Points between a picture and the edge of the page.'),
  opacity: z
    .number()
    .min(0.01)
    .max(1)
    .default(1)
    .describe('From nearly invisible to covering what lies below. For pictures.'),
  layer: z.enum(['over', 'under']).default('over').describe('Whether it lies on what the page shows, or under it.'),
  pages: selection.default('1-last').describe('The pages to stamp, such as 1-3, 7, last.'),
});

type Options = z.output<typeof options>;

export default class PdfStamp extends BaseTool<typeof options> {
  readonly name = 'pdf-stamp';
  readonly title = 'Stamp a PDF';
  readonly description =
    'Lays a picture, or the first page of another PDF such as a letterhead, on pages of a document. ' +
    'The first input is the document, the second what is laid on it.';
  override readonly category = 'pdf';
  override readonly keywords = ['logo', 'letterhead', 'signature', 'overlay', 'background', 'watermark'];
  readonly inputFormats = [PDF, ...PICTURES];
  readonly outputFormats = [PDF];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo'];
  override readonly limits = { ...DOCUMENT_LIMITS, maxInputs: 2 };
  override readonly deterministic = true;

  override validate({ inputs: [document] }: ToolRun<Options>): void {
    if (document !== undefined && document.type !== PDF) {
      throw new ToolError('pdf_missing', 'The first input must be the document, and the second what is laid on it.');
    }
  }

  process(run: ToolRun<Options>): Promise<ToolResult> {
    const { pages, layer } = run.options;
    onlyDocument(run);
    const [, stamp] = run.inputs;
    if (stamp === undefined) throw new ToolError('stamp_missing', 'There is no second input to lay on the document.');
    if (stamp.type === PDF) return layPage(run, stamp);
    return layOn(run, { pages, layer, suffix: '-stamped' }, (sheets) => picture(sheets, stamp, run));
  }
}

async function layPage(run: ToolRun<Options>, stamp: InputFile): Promise<ToolResult> {
  const total = await countPages(run, onlyDocument(run).path);
  await countPages(run, stamp.path);
  const to = inRanges([...new Set(selectedPages(run.options.pages, total))]);
  run.progress(0.3, 'Laying it on');
  return rewrite(
    run,
    [`--${run.options.layer}lay`, stamp.path, '--from=', '--repeat=1', `--to=${to}`, '--'],
    '-stamped',
  );
}

async function picture(sheets: PDFDocument, stamp: InputFile, run: ToolRun<Options>): Promise<Stamp> {
  const { image } = await openPicture(stamp, run);
  const side = { width: MAX_STAMP_SIDE, height: MAX_STAMP_SIDE, fit: 'inside', withoutEnlargement: true } as const;
  const small = image.autoOrient().resize(side).toColourspace('srgb').png();
  const embedded = await sheets.embedPng(await explained(small.toBuffer(), stamp.name, run));
  const { position, width: percent, margin, opacity } = run.options;
  return {
    key: (_, { width, height }) => `${width} ${height}`,
    draw: (sheet: PDFPage) => {
      const page = sheet.getSize();
      const room = { width: page.width - 2 * margin, height: page.height - 2 * margin };
      const width = (page.width * percent) / 100;
      const height = (width * embedded.height) / embedded.width;
      const scale = Math.max(0.01, Math.min(1, room.width / width, room.height / height));
      const thing = { width: width * scale, height: height * scale };
      sheet.drawImage(embedded, { ...thing, ...placed(position, page, thing, margin), opacity });
    },
  };
}
