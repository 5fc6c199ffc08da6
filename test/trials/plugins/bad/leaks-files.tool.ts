import { openSync } from 'node:fs';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'leaks-files';
  readonly title = 'Bad';
  readonly description = 'Leaves a file open.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  process({ inputs: [input] }: ToolRun): ToolResult {
    openSync(input?.path ?? '', 'r');
    return {};
  }
}
