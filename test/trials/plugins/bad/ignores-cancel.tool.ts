import { setTimeout as delay } from 'node:timers/promises';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'ignores-cancel';
  readonly title = 'Bad';
  readonly description = 'Goes on when it is told to stop.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  async process({ signal }: ToolRun): Promise<ToolResult> {
    for (let turns = 0; turns < 20 || signal.aborted; turns++) await delay(10);
    return {};
  }
}
