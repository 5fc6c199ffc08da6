import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolResult, ToolRun } from 'toolyard/sdk';
import { SHOWN_CHARACTERS } from './limits.ts';

/** A text as a file, and in the answer itself when it is short. There are no empty files. */
export async function textResult(
  { workspace }: ToolRun<object>,
  name: string,
  text: string,
  data: object = {},
): Promise<ToolResult> {
  const told = { ...data, text: text.length <= SHOWN_CHARACTERS ? text : null };
  if (text === '') return { data: told };
  const path = join(workspace, 'text');
  await writeFile(path, text);
  return { outputs: [{ path, name }], data: told };
}
