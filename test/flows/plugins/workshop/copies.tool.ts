import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({
  names: z.array(z.string()).describe('A name for each copy.'),
  delay_ms: z.int().min(0).default(0).describe('Milliseconds to wait before.'),
});

type Options = z.output<typeof options>;

/** Makes several files of one, under names that it does not check. */
export default class Copies extends BaseTool<typeof options> {
  readonly name = 'copies';
  readonly title = 'Copies';
  readonly description = 'Copies a file several times.';
  readonly inputFormats = ['text/plain', 'image/png'];
  readonly outputFormats = ['text/plain', 'image/png'];
  readonly options = options;
  override readonly limits = { maxInputs: 1 };

  async process({ inputs: [input], options, workspace, signal }: ToolRun<Options>): Promise<ToolResult> {
    await setTimeout(options.delay_ms, undefined, { signal });
    const outputs = options.names.map((name, index) => ({ path: join(workspace, String(index)), name }));
    for (const { path } of outputs) await copyFile(input?.path ?? '', path);
    return { outputs, data: { copies: outputs.length } };
  }
}
