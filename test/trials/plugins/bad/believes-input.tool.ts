import { readFile } from 'node:fs/promises';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'believes-input';
  readonly title = 'Bad';
  readonly description = 'Crashes where there is no JSON.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  async process({ inputs: [input] }: ToolRun): Promise<ToolResult> {
    return { data: JSON.parse(await readFile(input?.path ?? '', 'utf8')) };
  }
}
