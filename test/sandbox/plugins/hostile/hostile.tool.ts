import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';
import { deeds } from './deeds.ts';

const options = z.object({
  deed: z.string().describe('What it does.'),
  target: z.string().default('').describe('To what.'),
});

/** Does what a tool must not do. */
export default class Hostile extends BaseTool<typeof options> {
  readonly name = 'hostile';
  readonly title = 'Hostile';
  readonly description = 'Does what a tool must not do.';
  readonly inputFormats = [];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly limits = { totalMs: 20_000, cpuMs: 2_000, memoryMb: 128, maxOutputBytes: 32 * 1024 ** 2 };

  async process(run: ToolRun<z.output<typeof options>>): Promise<ToolResult> {
    const deed = deeds[run.options.deed];
    if (!deed) throw new Error(`There is no deed ${run.options.deed}.`);
    return deed(run);
  }
}
