import { setTimeout as wait } from 'node:timers/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const MIB = 1024 ** 2;

const options = z.object({ mb: z.int().describe('MiB that it holds.') });

/** Needs memory, and says beforehand that it may need more. */
export default class Hungry extends BaseTool<typeof options> {
  readonly name = 'hungry';
  readonly title = 'Hungry';
  readonly description = 'Needs memory.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { memoryMb: 64, retryMemoryMb: 512 };

  async process(run: ToolRun<z.output<typeof options>>): Promise<ToolResult> {
    const held = Buffer.alloc(run.options.mb * MIB, 1);
    await wait(400);
    return { data: held.length / MIB };
  }
}
