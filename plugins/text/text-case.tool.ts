import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { inCase } from './cases.ts';
import { TEXT_LIMITS } from './limits.ts';
import { textResult } from './text.result.ts';
import { decoded, encodingOption, sourceOf } from './text.source.ts';

const options = z.strictObject({
  to: z
    .enum(['upper', 'lower', 'title', 'sentence', 'camel', 'pascal', 'snake', 'kebab', 'constant'])
    .describe(
      'upper, lower, title and sentence keep the text; camel, pascal, snake, kebab and constant make one name of each line.',
    ),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/)
    .default('en')
    .describe('Language of the text, such as tr: in Turkish i becomes İ.'),
  encoding: encodingOption,
});

type Run = ToolRun<z.output<typeof options>>;

export default class TextCase extends BaseTool<typeof options> {
  readonly name = 'text-case';
  readonly title = 'Change the case';
  readonly description =
    'Writes a text in upper case, lower case, Title Case or Sentence case, or its lines as names for programs.';
  override readonly category = 'text';
  override readonly keywords = ['uppercase', 'lowercase', 'capitalize', 'camelCase', 'snake_case', 'kebab-case'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly limits = TEXT_LIMITS;
  override readonly deterministic = true;

  async process(run: Run): Promise<ToolResult> {
    const { bytes, stem } = await sourceOf(run);
    const { to, language, encoding } = run.options;
    return textResult(run, `${stem}.txt`, inCase(decoded(bytes, encoding), to, language));
  }
}
