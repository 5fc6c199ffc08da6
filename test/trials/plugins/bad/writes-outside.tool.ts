import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'writes-outside';
  readonly title = 'Bad';
  readonly description = 'Writes beside its workspace.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  async process({ workspace }: ToolRun): Promise<ToolResult> {
    await writeFile(join(workspace, '../left'), 'left');
    return {};
  }
}
