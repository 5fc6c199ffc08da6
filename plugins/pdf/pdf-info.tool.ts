import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, QUIETLY } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { pageSizes, type Size } from './page-sizes.ts';

/** Entries of each list in the answer. */
const MAX_ENTRIES = 50;

/** Characters of each text in the answer. */
const MAX_TEXT = 500;

const options = z.strictObject({});

export default class PdfInfo extends BaseTool<typeof options> {
  readonly name = 'pdf-info';
  readonly title = 'About a PDF';
  readonly description =
    'Says what a document is: pages and their sizes, title, author, dates, version, protection, form, scripts, attached files.';
  override readonly category = 'pdf';
  override readonly keywords = ['metadata', 'properties', 'pages', 'javascript', 'attachments', 'inspect'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly requires = ['qpdf', 'pdfinfo'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun): Promise<ToolResult> {
    const { path, size } = onlyDocument(run);
    const pages = await countPages(run, path);
    const { stdout } = await runProgram(run, 'pdfinfo', ['-isodates', path]);
    run.progress(0.5, 'Measuring pages');
    const sizes = await pageSizes(run, path, pages, 'CropBox');
    const attached = await attachments(run, path);
    const line = (name: string): string | null => lastLine(stdout, name);
    return {
      data: {
        pages,
        bytes: size,
        version: line('PDF version'),
        title: line('Title'),
        author: line('Author'),
        subject: line('Subject'),
        keywords: line('Keywords'),
        creator: line('Creator'),
        producer: line('Producer'),
        created_at: line('CreationDate'),
        modified_at: line('ModDate'),
        protected: line('Encrypted')?.startsWith('yes') ?? false,
        tagged: line('Tagged') === 'yes',
        linearized: line('Optimized') === 'yes',
        form: line('Form') === 'none' ? null : line('Form'),
        has_scripts: line('JavaScript') === 'yes',
        attachments: attached,
        page_sizes: tally(sizes),
      },
    };
  }
}

/** The value of a line. A title with line breaks in it could look like more lines, and the true ones come after it. */
function lastLine(text: string, name: string): string | null {
  const value = text
    .split('\n')
    .findLast((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
  return value ? value.slice(0, MAX_TEXT) : null;
}

/** The names of embedded files. */
async function attachments(run: ToolRun, path: string): Promise<string[]> {
  const { stdout } = await runProgram(run, 'qpdf', [...QUIETLY, '--list-attachments', path]);
  const names = stdout
    .split('\n')
    .flatMap((line) => (/ -> \d+,\d+$/.test(line) ? line.replace(/ -> \d+,\d+$/, '') : []));
  return names.slice(0, MAX_ENTRIES).map((name) => name.slice(0, MAX_TEXT));
}

/** The sizes in millimetres, most frequent first. */
function tally(sizes: readonly Size[]): { width_mm: number; height_mm: number; pages: number }[] {
  const groups = Map.groupBy(sizes, ({ width, height }) => `${millimetres(width)} ${millimetres(height)}`);
  return [...groups.values()]
    .map((group) => ({
      width_mm: millimetres(group[0]?.width ?? 0),
      height_mm: millimetres(group[0]?.height ?? 0),
      pages: group.length,
    }))
    .toSorted((a, b) => b.pages - a.pages)
    .slice(0, MAX_ENTRIES);
}

function millimetres(points: number): number {
  return Math.round((points / 72) * 254) / 10;
}
