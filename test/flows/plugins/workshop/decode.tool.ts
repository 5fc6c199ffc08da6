import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({
  text: z.string().describe('Base64.'),
});

/** Makes a file of which nobody could know what is in it. */
export default class Decode extends BaseTool<typeof options> {
  readonly name = 'decode';
  readonly title = 'Decode';
  readonly description = 'Writes what Base64 says.';
  readonly inputFormats = [];
  readonly outputFormats = ['text/plain'];
  readonly options = options;

  async process({ options: { text }, workspace }: ToolRun<z.output<typeof options>>): Promise<ToolResult> {
    const path = join(workspace, 'decoded');
    await writeFile(path, Buffer.from(text, 'base64'));
    return { outputs: [{ path, name: 'decoded.txt' }] };
  }
}
