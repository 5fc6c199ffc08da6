import { setImmediate } from 'node:timers/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Never ends by itself, never listens, and may go on for minutes. */
export default class Burn extends BaseTool<typeof options> {
  readonly name = 'burn';
  readonly title = 'Burn';
  readonly description = 'Keeps a processor busy for as long as it is let.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { maxInputs: 0 };

  async process(run: ToolRun): Promise<ToolResult> {
    run.progress(0, 'Burning');
    await setImmediate();
    for (;;);
  }
}
