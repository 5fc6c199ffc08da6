import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { inRanges, selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  angle: z
    .union([z.literal(90), z.literal(180), z.literal(270)])
    .describe('By how many degrees pages are turned clockwise, from how they stand now.'),
  pages: selection.default('1-last').describe('The pages to turn, such as 1-3, 7, last.'),
});

type Options = z.output<typeof options>;

export default class PdfRotate extends BaseTool<typeof options> {
  readonly name = 'pdf-rotate';
  readonly title = 'Rotate pages of a PDF';
  readonly description = 'Turns pages of a document by quarters of a circle.';
  override readonly category = 'pdf';
  override readonly keywords = ['turn', 'landscape', 'portrait', 'pages'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { angle, pages } = run.options;
    const total = await countPages(run, onlyDocument(run).path);
    const turned = [...new Set(selectedPages(pages, total))];
    run.progress(0.2, `Turning ${turned.length} of ${total} pages`);
    return rewrite(run, [`--rotate=+${angle}:${inRanges(turned)}`], '-rotated');
  }
}
