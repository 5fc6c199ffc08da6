import { setTimeout as delay } from 'node:timers/promises';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

/** Milliseconds between two reports while waiting. */
const TICK_MS = 200;

const options = z.strictObject({
  message: z.string().max(10_000).default('').describe('Any text. It comes back in the answer.'),
  delay_ms: z
    .int()
    .min(0)
    .max(600_000)
    .default(0)
    .describe('Milliseconds to wait before the answer, with progress. For trying out cancellation and timeouts.'),
  fail: z
    .enum(['none', 'error', 'crash'])
    .default('none')
    .describe(
      'How the run ends after the wait: none answers, error fails as over a bad input, crash fails as over a fault in the tool.',
    ),
});

type Options = z.output<typeof options>;

export default class Echo extends BaseTool<typeof options> {
  readonly name = 'echo';
  readonly title = 'Echo';
  readonly description =
    'Answers with its own options. For checking that an installation works, and for measuring what a task costs.';
  override readonly category = 'diagnostics';
  override readonly keywords = ['test', 'ping', 'check', 'benchmark'];
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { totalMs: 660_000, maxInputs: 0 };
  // A cached answer would measure the cache.
  override readonly deterministic = false;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    if (run.options.delay_ms > 0) await wait(run);
    if (run.options.fail === 'error') throw new ToolError('asked_to_fail', 'The task was asked to fail.');
    if (run.options.fail === 'crash') throw new Error('The task was asked to crash.');
    return { data: run.options };
  }
}

async function wait(run: ToolRun<Options>): Promise<void> {
  const { delay_ms: total } = run.options;
  for (let waited = 0; waited < total; waited += TICK_MS) {
    run.progress(waited / total, 'Waiting');
    await delay(Math.min(TICK_MS, total - waited), undefined, { signal: run.signal });
  }
}
