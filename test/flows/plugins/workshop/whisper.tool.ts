import { setTimeout as delay } from 'node:timers/promises';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';

const options = z.strictObject({
  password: z.string().min(4).meta({ writeOnly: true }).describe('What nobody may read.'),
  end: z.enum(['well', 'crash', 'wait']).default('well').describe('How the run ends.'),
});

/** Knows a secret, says it where it should not, and answers how long it is. */
export default class Whisper extends BaseTool<typeof options> {
  readonly name = 'whisper';
  readonly title = 'Whisper';
  readonly description = 'Has a secret option.';
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { maxInputs: 0 };
  override readonly deterministic = true;

  async process({ options: { password, end }, log, progress, signal }: ToolRun<z.output<typeof options>>) {
    log.info(`The password is ${password}.`);
    progress(0.5, 'Halfway');
    if (end === 'crash') throw new Error(`It broke over ${password}.`);
    if (end === 'wait') await delay(60_000, undefined, { signal });
    const result: ToolResult = { data: { length: password.length } };
    return result;
  }
}
