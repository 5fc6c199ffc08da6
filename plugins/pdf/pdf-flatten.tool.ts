import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, rewrite } from './document.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

const options = z.strictObject({
  annotations: z
    .enum(['all', 'print', 'screen'])
    .default('all')
    .describe('Which notes, marks and fields become part of the page: all, those that are printed, or those shown.'),
});

type Options = z.output<typeof options>;

export default class PdfFlatten extends BaseTool<typeof options> {
  readonly name = 'pdf-flatten';
  readonly title = 'Flatten a PDF';
  readonly description =
    'Makes form fields and annotations part of the pages: what was filled in stays visible and cannot be edited any more.';
  override readonly category = 'pdf';
  override readonly keywords = ['form', 'fields', 'annotations', 'comments', 'acroform'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const pages = await countPages(run, onlyDocument(run).path);
    run.progress(0.2, `Flattening ${pages} pages`);
    return rewrite(run, ['--generate-appearances', `--flatten-annotations=${run.options.annotations}`], '-flat');
  }
}
