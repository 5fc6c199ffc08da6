import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z, type ToolRun } from 'toolyard/sdk';

/** PDF 2.0 takes 127 bytes of UTF-8. Nothing that breaks a line, because programs read passwords from lines. */
export const password = z
  .string()
  .min(1)
  .max(127)
  .regex(/^\P{Cc}+$/u, 'must not have control characters')
  .refine((text) => Buffer.byteLength(text) <= 127, 'must be at most 127 bytes long')
  .meta({ format: 'password', writeOnly: true });

/**
 * Gives a program a secret in a file that only this user can read: arguments can be seen by everybody on the machine.
 * The file is gone when the work has ended.
 */
export async function withSecretFile<Result>(
  { workspace }: ToolRun,
  content: string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = join(workspace, 'secret');
  try {
    await writeFile(path, content, { mode: 0o600, flag: 'wx' });
    return await work(path);
  } finally {
    await rm(path, { force: true });
  }
}
