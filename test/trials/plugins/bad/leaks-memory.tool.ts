import { BaseTool, z, type ToolResult } from 'toolyard/sdk';

const kept: Buffer[] = [];

export default class extends BaseTool {
  readonly name = 'leaks-memory';
  readonly title = 'Bad';
  readonly description = 'Keeps what it has read.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = z.strictObject({});

  process(): ToolResult {
    kept.push(Buffer.alloc(2_000_000, 1));
    return { data: kept.length };
  }
}
