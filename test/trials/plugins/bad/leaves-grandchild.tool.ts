import { spawn } from 'node:child_process';
import { BaseTool, z, type ToolResult } from 'toolyard/sdk';

export default class extends BaseTool {
  readonly name = 'leaves-grandchild';
  readonly title = 'Bad';
  readonly description = 'Starts a program that outlives it.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  process(): ToolResult {
    spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref();
    return {};
  }
}
