import { setTimeout } from 'node:timers/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Takes longer for larger files, and never exactly as long as before. */
export default class Dawdle extends BaseTool<typeof options> {
  readonly name: string = 'dawdle';
  readonly title = 'Dawdle';
  readonly description = 'Waits a tenth of a millisecond for each byte, more or less.';
  readonly inputFormats = ['text/plain'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits: { maxInputs: number; concurrency?: number } = { maxInputs: 1 };

  async process({ inputs: [input], signal }: ToolRun): Promise<ToolResult> {
    const ms = (input?.size ?? 0) * 0.1 * (0.5 + Math.random());
    await setTimeout(ms, undefined, { signal });
    return { data: { ms } };
  }
}
