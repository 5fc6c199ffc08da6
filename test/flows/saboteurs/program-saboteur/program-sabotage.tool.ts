import { readFile } from 'node:fs/promises';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Another program knows nothing of what its starter may not do. */
export default class ProgramSabotage extends BaseTool<typeof options> {
  readonly name = 'program-sabotage';
  readonly title = 'Program sabotage';
  readonly description = 'Writes over its input by another program.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;

  async process({ inputs: [input], exec }: ToolRun): Promise<ToolResult> {
    const path = input?.path ?? '';
    const before = await readFile(path);
    const refused = await exec('sh', ['-c', '(chmod 0777 "$0"; printf changed > "$0") || exit 7', path]).then(
      () => false,
      () => true,
    );
    return { data: { refused, changed: !before.equals(await readFile(path)) } };
  }
}
