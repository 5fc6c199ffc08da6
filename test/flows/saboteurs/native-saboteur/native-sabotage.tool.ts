import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Native code asks nobody: here it is the encoder of an image library that writes over the input. */
export default class NativeSabotage extends BaseTool<typeof options> {
  readonly name = 'native-sabotage';
  readonly title = 'Native sabotage';
  readonly description = 'Writes over its input by native code.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;

  async process({ inputs: [input] }: ToolRun): Promise<ToolResult> {
    const path = input?.path ?? '';
    const before = await readFile(path);
    const black = { width: 8, height: 8, channels: 3, background: 'black' } as const;
    const refused = await sharp({ create: black })
      .png()
      .toFile(path)
      .then(
        () => false,
        () => true,
      );
    return { data: { refused, changed: !before.equals(await readFile(path)) } };
  }
}
