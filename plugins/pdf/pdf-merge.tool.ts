import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countWrittenPages, onlyDocument, renamed, resultPath, WRITING } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

const options = z.strictObject({});

export default class PdfMerge extends BaseTool<typeof options> {
  readonly name = 'pdf-merge';
  readonly title = 'Merge PDFs';
  readonly description =
    'Puts documents one after the other into one, in the order in which they are given. Form fields are kept, outlines are not.';
  override readonly category = 'pdf';
  override readonly keywords = ['join', 'combine', 'append', 'concatenate'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo'];
  override readonly limits = { ...DOCUMENT_LIMITS, maxInputs: 100 };
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const first = onlyDocument(run);
    if (run.inputs.length < 2) throw new ToolError('one_document', 'It takes two documents or more to merge.');

    const path = resultPath(run);
    run.progress(0, `Merging ${run.inputs.length} documents`);
    const paths = run.inputs.map((input) => input.path);
    await runProgram(run, 'qpdf', [...WRITING, '--empty', '--pages', ...paths, '--', path]);
    run.progress(0.9, 'Counting pages');
    return { outputs: [renamed(first, path, '-merged')], data: { pages: await countWrittenPages(run, path) } };
  }
}
