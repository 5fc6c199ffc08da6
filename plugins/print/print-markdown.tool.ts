import { parse } from 'node:path';
import { marked } from 'marked';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { print, wrap } from './chromium.ts';
import { PRINT_LIMITS } from './limits.ts';
import { readText } from './read-text.ts';
import { sanitize } from './sanitize.ts';
import { sheetOptions, sheetStyle } from './sheet.ts';

const STYLE = `
body { font: 11pt/1.5 sans-serif; color: #1a1a1a; margin: 0 }
h1, h2, h3, h4 { line-height: 1.25; break-after: avoid }
pre, blockquote, table, img { break-inside: avoid }
pre { background: #f4f4f4; padding: 0.8em; white-space: pre-wrap; overflow-wrap: anywhere }
code { font-family: monospace; font-size: 0.9em }
blockquote { border-left: 3px solid #ccc; margin-left: 0; padding-left: 1em; color: #555 }
table { border-collapse: collapse }
th, td { border: 1px solid #ccc; padding: 0.3em 0.6em }
img { max-width: 100% }
`;

const options = z.strictObject(sheetOptions);

type Options = z.output<typeof options>;

export default class PrintMarkdown extends BaseTool<typeof options> {
  readonly name = 'print-markdown';
  readonly title = 'Markdown to PDF';
  readonly description =
    'Prints Markdown, with tables and the other additions of GitHub. Nothing is fetched: pictures must be in the document (data:).';
  override readonly category = 'pdf';
  override readonly keywords = ['md', 'convert', 'render', 'print', 'chromium'];
  readonly inputFormats = ['text/*'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['chromium'];
  override readonly limits = PRINT_LIMITS;
  // The browser writes the time into what it prints.
  override readonly deterministic = false;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    run.progress(0, 'Reading');
    const { input, text } = await readText(run);
    const { html, leftOut } = sanitize(marked.parse(text, { async: false }));
    run.progress(0.3, 'Printing');
    const name = parse(input.name).name || 'document';
    const path = await print(run, wrap(html, name, sheetStyle(run.options) + STYLE));
    return { outputs: [{ path, name: `${name}.pdf` }], data: { pictures_left_out: leftOut } };
  }
}
