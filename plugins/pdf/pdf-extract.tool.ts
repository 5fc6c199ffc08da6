import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { inRanges, selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  pages: selection.describe('The pages to take, in that order, such as 1-3, 7, 9-last. A page may be named twice.'),
});

type Options = z.output<typeof options>;

export default class PdfExtract extends BaseTool<typeof options> {
  readonly name = 'pdf-extract';
  readonly title = 'Extract pages of a PDF';
  readonly description = 'Makes a document of some pages of another, in any order.';
  override readonly category = 'pdf';
  override readonly keywords = ['select', 'pick', 'keep', 'pages'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const total = await countPages(run, onlyDocument(run).path);
    const pages = selectedPages(run.options.pages, total);
    run.progress(0.2, `Taking ${pages.length} of ${total} pages`);
    return rewrite(run, ['--pages', '.', inRanges(pages), '--'], '-pages');
  }
}
