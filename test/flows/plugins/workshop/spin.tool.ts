import { BaseTool, type ToolResult, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Never ends by itself, and never listens. */
export default class Spin extends BaseTool<typeof options> {
  readonly name = 'spin';
  readonly title = 'Spin';
  readonly description = 'Keeps a processor busy for longer than it may.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { totalMs: 2_000, maxInputs: 0 };

  process(): ToolResult {
    for (;;);
  }
}
