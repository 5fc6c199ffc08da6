import { setTimeout as wait } from 'node:timers/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.object({
  steps: z.int().default(1).describe('How often it tells of its progress.'),
  stepMs: z.int().default(10).describe('Milliseconds between.'),
  silenceMs: z.int().default(0).describe('Milliseconds at the end.'),
  obeys: z.boolean().default(true).describe('Whether it comes back when it is asked to.'),
});

type Options = z.output<typeof options>;

/** Works for as long as it is told to. */
export default class Work extends BaseTool<typeof options> {
  readonly name = 'work';
  readonly title = 'Work';
  readonly description = 'Takes its time.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { options, signal } = run;
    for (let step = 1; step <= options.steps; step += 1) {
      run.progress(step / options.steps, `step ${step}`);
      await wait(options.stepMs, undefined, options.obeys ? { signal } : {});
    }
    await wait(options.silenceMs);
    return {};
  }
}
