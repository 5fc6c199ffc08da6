import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'hopes-for-room';
  readonly title = 'Bad';
  readonly description = 'Crashes where it cannot write, with words that nobody knows.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  async process({ workspace }: ToolRun): Promise<ToolResult> {
    await writeFile(join(workspace, 'draft'), 'x'.repeat(10_000)).catch(() => {
      throw new Error('It did not work.');
    });
    return {};
  }
}
