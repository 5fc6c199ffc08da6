import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { CODECS } from './codecs.ts';
import { TEXT_LIMITS } from './limits.ts';
import { textResult } from './text.result.ts';
import { sourceOf } from './text.source.ts';

const options = z.strictObject({
  to: z
    .enum(['base64', 'base64url', 'hex', 'url', 'html'])
    .describe(
      'base64, base64url and hex write any bytes; url escapes a part of an address, html what HTML would take for tags.',
    ),
});

type Run = ToolRun<z.output<typeof options>>;

export default class TextEncode extends BaseTool<typeof options> {
  readonly name = 'text-encode';
  readonly title = 'Encode';
  readonly description =
    'Writes a file or a text as Base64, Base64url or hexadecimal digits, or escapes it for URLs or HTML.';
  override readonly category = 'text';
  override readonly keywords = ['base64', 'hex', 'percent', 'urlencode', 'escape', 'entities'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly limits = TEXT_LIMITS;
  override readonly deterministic = true;

  async process(run: Run): Promise<ToolResult> {
    const { bytes, stem } = await sourceOf(run);
    const { to } = run.options;
    return textResult(run, `${stem}.${to}.txt`, CODECS[to].encode(bytes));
  }
}
