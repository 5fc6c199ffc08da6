import { join } from 'node:path';
import { BaseTool, ToolError, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, stem, WRITING } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS, MAX_FILES, MAX_PAGES } from './limits.ts';
import { inRanges, selectedPages, selection } from './pages.ts';

const options = z.strictObject({
  every: z
    .int()
    .min(1)
    .max(MAX_PAGES)
    .default(1)
    .describe('Pages of each part. The last part may have fewer. Ignored when parts are given.'),
  parts: z
    .array(selection)
    .min(1)
    .max(MAX_FILES)
    .optional()
    .describe('The pages of each part, such as 1-3 or 4, 7-last. A page may be in several parts, or in none.'),
});

type Options = z.output<typeof options>;

export default class PdfSplit extends BaseTool<typeof options> {
  readonly name = 'pdf-split';
  readonly title = 'Split a PDF';
  readonly description =
    'Makes several documents of one: one for every so many pages, or for the pages that are named.';
  override readonly category = 'pdf';
  override readonly keywords = ['separate', 'burst', 'divide', 'pages'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    const total = await countPages(run, input.path);
    const parts = this.parts(run.options, total);
    if (parts.length > MAX_FILES) {
      throw new ToolError('too_many_files', `That makes ${parts.length} documents; ${MAX_FILES} are the most.`);
    }

    const outputs: OutputFile[] = [];
    for (const [index, pages] of parts.entries()) {
      run.progress(index / parts.length, `Part ${index + 1} of ${parts.length}`);
      const path = join(run.workspace, `${index + 1}.pdf`);
      await runProgram(run, 'qpdf', [...WRITING, input.path, '--pages', '.', inRanges(pages), '--', path]);
      outputs.push({ path, name: `${stem(input)}-${String(index + 1).padStart(3, '0')}.pdf` });
    }
    return { outputs, data: { pages: total, parts: parts.map((pages) => pages.length) } };
  }

  private parts({ every, parts }: Options, total: number): number[][] {
    if (parts) return parts.map((part) => selectedPages(part, total));
    const all = selectedPages('1-last', total);
    return Array.from({ length: Math.ceil(total / every) }, (_, part) => all.slice(part * every, (part + 1) * every));
  }
}
