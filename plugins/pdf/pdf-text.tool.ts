import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, stem } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

const options = z.strictObject({
  layout: z
    .enum(['reading', 'physical', 'raw'])
    .default('reading')
    .describe(
      'reading follows columns and paragraphs; physical keeps words where they stand, for tables; raw keeps the order of the file.',
    ),
  first_page: z.int().min(1).max(1_000_000).default(1).describe('The first page to read.'),
  last_page: z.int().min(1).max(1_000_000).optional().describe('The last page to read. Without it, the last there is.'),
});

type Options = z.output<typeof options>;

const HOW = { reading: [], physical: ['-layout'], raw: ['-raw'] } as const;

export default class PdfText extends BaseTool<typeof options> {
  readonly name = 'pdf-text';
  readonly title = 'Text of a PDF';
  readonly description =
    'Takes the text out of a document, as UTF-8, with a form feed after each page. Scanned pages have none: use ocr-recognize.';
  override readonly category = 'pdf';
  override readonly keywords = ['extract', 'txt', 'copy', 'words', 'content'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdftotext'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    const { layout, first_page: first, last_page: last } = run.options;
    const total = await countPages(run, input.path);
    const path = join(run.workspace, 'text.txt');
    if (first > total || (last ?? first) < first) {
      throw new ToolError(
        'page_missing',
        `There are no pages ${first} to ${last ?? total}: the document has ${total}.`,
      );
    }
    const range = ['-f', String(first), '-l', String(Math.min(last ?? total, total))];
    run.progress(0.1, `Reading ${total} pages`);
    await runProgram(run, 'pdftotext', [
      '-q',
      '-enc',
      'UTF-8',
      '-eol',
      'unix',
      ...HOW[layout],
      ...range,
      input.path,
      path,
    ]);
    return { outputs: [{ path, name: `${stem(input)}.txt` }], data: { pages: total, ...(await measure(path, run)) } };
  }
}

/** How much text there is, and how many of the read pages have none: those may be scans. */
async function measure(path: string, { signal }: ToolRun): Promise<{ bytes: number; empty_pages: number }> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { signal });
  let bytes = 0;
  let empty = 0;
  let hasText = false;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    const pages = chunk.toString('latin1').split('\f');
    for (const [index, text] of pages.entries()) {
      hasText ||= /[^\s]/.test(text);
      if (index === pages.length - 1) break;
      empty += hasText ? 0 : 1;
      hasText = false;
    }
  }
  return { bytes, empty_pages: empty };
}
