import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { CODECS } from './codecs.ts';
import { SHOWN_CHARACTERS, TEXT_LIMITS } from './limits.ts';
import { decoded, encodingOption, sourceOf } from './text.source.ts';

const options = z.strictObject({
  from: z
    .enum(['base64', 'base64url', 'hex', 'url', 'html'])
    .describe('What the text is written in. White space between letters of base64, base64url and hex is passed over.'),
  encoding: encodingOption,
});

type Run = ToolRun<z.output<typeof options>>;

export default class TextDecode extends BaseTool<typeof options> {
  readonly name = 'text-decode';
  readonly title = 'Decode';
  readonly description =
    'Turns Base64, Base64url, hexadecimal digits, or text that is escaped for URLs or HTML, into what it stands for.';
  override readonly category = 'text';
  override readonly keywords = ['base64', 'hex', 'percent', 'urldecode', 'unescape', 'entities'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['application/octet-stream'];
  readonly options = options;
  override readonly limits = TEXT_LIMITS;
  override readonly deterministic = true;

  async process(run: Run): Promise<ToolResult> {
    const { bytes, stem } = await sourceOf(run);
    const plain = CODECS[run.options.from].decode(decoded(bytes, run.options.encoding));
    const isShown = plain.length <= SHOWN_CHARACTERS && isUtf8(plain);
    const data = { bytes: plain.length, text: isShown ? plain.toString() : null };
    if (plain.length === 0) return { data };
    const path = join(run.workspace, 'decoded');
    await writeFile(path, plain);
    return { outputs: [{ path, name: `${stem}.decoded` }], data };
  }
}
