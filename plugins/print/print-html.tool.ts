import { parse } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { print, wrap } from './chromium.ts';
import { PRINT_LIMITS } from './limits.ts';
import { readText } from './read-text.ts';
import { sanitize } from './sanitize.ts';
import { sheetOptions, sheetStyle } from './sheet.ts';

const options = z.strictObject(sheetOptions);

type Options = z.output<typeof options>;

export default class PrintHtml extends BaseTool<typeof options> {
  readonly name = 'print-html';
  readonly title = 'HTML to PDF';
  readonly description =
    'Prints an HTML document. Nothing is fetched and nothing runs: pictures must be in the document (data:), scripts are left out.';
  override readonly category = 'pdf';
  override readonly keywords = ['web page', 'convert', 'render', 'print', 'chromium'];
  readonly inputFormats = ['text/*', 'application/xml'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['chromium'];
  override readonly limits = PRINT_LIMITS;
  // The browser writes the time into what it prints.
  override readonly deterministic = false;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    run.progress(0, 'Reading');
    const { input, text } = await readText(run);
    const { html, leftOut } = sanitize(text);
    run.progress(0.3, 'Printing');
    const name = parse(input.name).name || 'document';
    const path = await print(run, wrap(html, name, sheetStyle(run.options)));
    return { outputs: [{ path, name: `${name}.pdf` }], data: { pictures_left_out: leftOut } };
  }
}
