import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { inRanges, selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  pages: selection.describe('The pages to remove, such as 2, 5-7, last. At least one page must be left.'),
});

type Options = z.output<typeof options>;

export default class PdfDelete extends BaseTool<typeof options> {
  readonly name = 'pdf-delete';
  readonly title = 'Delete pages of a PDF';
  readonly description = 'Removes pages of a document. The others keep their order.';
  override readonly category = 'pdf';
  override readonly keywords = ['remove', 'drop', 'pages'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const total = await countPages(run, onlyDocument(run).path);
    const removed = new Set(selectedPages(run.options.pages, total));
    const kept = selectedPages('1-last', total).filter((page) => !removed.has(page));
    if (kept.length === 0) throw new ToolError('no_pages_left', 'Those are all its pages: nothing would be left.');
    run.progress(0.2, `Removing ${removed.size} of ${total} pages`);
    return rewrite(run, ['--pages', '.', inRanges(kept), '--'], '-shortened');
  }
}
