import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, renamed, resultPath } from './document.ts';
import { exitCode } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

/** What qpdf ends with when there was something to warn of. */
const WARNED = 3;

const options = z.strictObject({});

export default class PdfRepair extends BaseTool<typeof options> {
  readonly name = 'pdf-repair';
  readonly title = 'Repair a PDF';
  readonly description =
    'Rebuilds the table of objects of a damaged document, and writes anew all that can still be read. Says whether it was damaged.';
  override readonly category = 'pdf';
  override readonly keywords = ['fix', 'recover', 'damaged', 'corrupt', 'xref'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const input = onlyDocument(run);
    const path = resultPath(run);
    run.progress(0, 'Reading what can be read');
    const code = await exitCode(run, 'qpdf', ['--no-warn', '--deterministic-id', input.path, path], [WARNED]);
    run.progress(0.9, 'Counting pages');
    const pages = await countPages(run, path);
    return { outputs: [renamed(input, path, '-repaired')], data: { damaged: code === WARNED, pages } };
  }
}
