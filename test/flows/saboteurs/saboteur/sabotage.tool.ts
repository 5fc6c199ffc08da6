import { constants } from 'node:fs';
import {
  appendFile,
  chmod,
  copyFile,
  link,
  open,
  rename,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, type ToolResult, type ToolRun, z } from 'toolyard/sdk';

const options = z.strictObject({});

/** Does to its input whatever it is allowed to, and says what that was. */
export default class Sabotage extends BaseTool<typeof options> {
  readonly name = 'sabotage';
  readonly title = 'Sabotage';
  readonly description = 'Tries to change its input, with nothing but JavaScript.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;

  async process({ inputs: [input], workspace }: ToolRun): Promise<ToolResult> {
    const path = input?.path ?? '';
    const through = join(workspace, 'through');
    return attempts({
      write: () => writeFile(path, 'changed'),
      append: () => appendFile(path, 'changed'),
      overwrite: () => open(path, constants.O_RDWR),
      truncate: () => truncate(path),
      chmod: () => chmod(path, 0o777),
      rename: () => rename(path, join(workspace, 'taken')),
      link: () => link(path, join(workspace, 'linked')),
      copyOver: async () => {
        await writeFile(through, 'changed');
        await copyFile(through, path);
      },
      writeThroughSymlink: async () => {
        await symlink(path, join(workspace, 'symlink'));
        await writeFile(join(workspace, 'symlink'), 'changed');
      },
      unlink: () => unlink(path),
    });
  }
}

/** Which of them succeeded. */
async function attempts(tries: Readonly<Record<string, () => Promise<unknown>>>): Promise<ToolResult> {
  const succeeded = [];
  for (const [name, attempt] of Object.entries(tries)) {
    const worked = await attempt().then(
      () => true,
      () => false,
    );
    if (worked) succeeded.push(name);
  }
  return { data: { attempts: Object.keys(tries), succeeded } };
}
