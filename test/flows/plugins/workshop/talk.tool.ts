import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({ lines: z.int().default(2).describe('How many lines it writes.') });

type Options = z.output<typeof options>;

/** Tells what it does, on every way that there is. */
export default class Talk extends BaseTool<typeof options> {
  readonly name = 'talk';
  readonly title = 'Talk';
  readonly description = 'Writes to its log, and prints.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { maxInputs: 0 };

  process({ options, log, progress, workspace }: ToolRun<Options>): ToolResult {
    process.stdout.write('printed for the operator\n');
    for (let line = 1; line <= options.lines; line++) log.info(`line ${line}`);
    log.warn(`in ${workspace}\r\nid: 1-1\u001B[31m`);
    progress(0.5, 'Half');
    progress(0.1, 'Back');
    return { data: 'said' };
  }
}
