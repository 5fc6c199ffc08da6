import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({ width: z.int().default(1).describe('Any number.') });

/** Says that it always answers the same, and never does: so it shows whether it ran. */
export default class Stamp extends BaseTool<typeof options> {
  readonly name: string = 'stamp';
  readonly title = 'Stamp';
  readonly description = 'Answers with something new.';
  readonly inputFormats = ['text/plain'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly limits = { maxInputs: 2 };
  override readonly deterministic: boolean = true;

  async process({ workspace }: ToolRun): Promise<ToolResult> {
    const path = join(workspace, 'stamp.txt');
    const stamp = randomUUID();
    await writeFile(path, stamp);
    return { outputs: [{ path }], data: { stamp } };
  }
}
