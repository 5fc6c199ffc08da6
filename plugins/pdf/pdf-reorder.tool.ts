import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { inRanges, selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  order: selection.describe(
    'The pages in their new order, such as 3, 1-2 or last-1. Pages that are not named follow in their old order.',
  ),
});

type Options = z.output<typeof options>;

export default class PdfReorder extends BaseTool<typeof options> {
  readonly name = 'pdf-reorder';
  readonly title = 'Reorder pages of a PDF';
  readonly description = 'Gives the pages of a document another order. None is lost and none is doubled.';
  override readonly category = 'pdf';
  override readonly keywords = ['sort', 'move', 'reverse', 'arrange', 'pages'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const total = await countPages(run, onlyDocument(run).path);
    const named = selectedPages(run.options.order, total);
    const twice = named.toSorted((a, b) => a - b).find((page, index, sorted) => page === sorted[index - 1]);
    if (twice !== undefined) throw new ToolError('page_twice', `The new order names page ${twice} twice.`);
    const moved = new Set(named);
    const rest = selectedPages('1-last', total).filter((page) => !moved.has(page));
    run.progress(0.2, `Moving ${named.length} of ${total} pages`);
    return rewrite(run, ['--pages', '.', inRanges([...named, ...rest]), '--'], '-reordered');
  }
}
