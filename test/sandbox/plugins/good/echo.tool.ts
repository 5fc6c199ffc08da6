import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.object({
  text: z.string().default('hello').describe('What is said back.'),
  times: z.int().min(1).max(9).optional().describe('How often.'),
});

type Options = z.output<typeof options>;

/** Answers with its options, and with what it was given for the run. */
export default class Echo extends BaseTool<typeof options> {
  readonly name = 'echo';
  readonly title = 'Echo';
  readonly description = 'Answers with its options.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly deterministic = true;

  process({ options }: ToolRun<Options>): ToolResult {
    return { data: { ...options, pid: process.pid } };
  }
}
