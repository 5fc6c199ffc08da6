import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.object({
  fail: z.enum(['validate', 'process', 'cleanup']).optional().describe('Where it fails.'),
});

type Options = z.output<typeof options>;

/** Copies its inputs, tells of each step, and logs when it cleans up. */
export default class Copy extends BaseTool<typeof options> {
  readonly name = 'copy';
  readonly title = 'Copy';
  readonly description = 'Copies its inputs.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;

  override validate({ options }: ToolRun<Options>): void {
    if (options.fail === 'validate') throw new ToolError('not_copied', 'The file cannot be copied.');
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    if (run.options.fail === 'process') throw new Error('It broke.');
    const outputs = run.inputs.map(({ name }, index) => ({ path: join(run.workspace, String(index)), name }));
    for (const [index, { path }] of run.inputs.entries()) {
      await copyFile(path, outputs[index]?.path ?? '');
      run.progress((index + 1) / run.inputs.length, `file ${index + 1}`);
    }
    return { outputs };
  }

  override cleanup(run: ToolRun<Options>): void {
    run.log.info('cleaned up');
    if (run.options.fail === 'cleanup') throw new Error('It cannot be cleaned.');
  }
}
