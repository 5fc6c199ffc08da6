import { BaseTool, z, type ToolResult } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'leaves-timer';
  readonly title = 'Bad';
  readonly description = 'Goes on after its answer.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  process(): ToolResult {
    setInterval(() => {}, 1_000);
    return {};
  }
}
