import { open } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import { ToolError, type ToolLog } from 'toolyard/sdk';

/** The first line of every file in the format of age (age-encryption.org/v1), and of one whose bytes are written as letters. */
const MAGIC = 'age-encryption.org/v1\n';
const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
/** Where it says that a password opens it. */
const PASSWORD_LINE = '-> scrypt ';
const HEAD_BYTES = 64;

/** Refuses what the first bytes show to be no file that a password opens. @throws ToolError */
export async function refuseOthers(path: string): Promise<void> {
  const head = await headOf(path);
  if (head.startsWith(ARMOR)) {
    throw new ToolError(
      'file_armored',
      'The encrypted file is written as text. Give the file with its bytes as they are.',
    );
  }
  if (!head.startsWith(MAGIC)) throw new ToolError('not_encrypted', 'The file is not one that age has encrypted.');
  const lines = head.slice(MAGIC.length);
  if (lines.length >= PASSWORD_LINE.length && !lines.startsWith(PASSWORD_LINE)) {
    throw new ToolError('password_useless', 'The file is encrypted for the keys of somebody, and not with a password.');
  }
}

/** What went wrong while a file was opened: the library's words go to the log. */
export function explained(error: unknown, log: ToolLog): unknown {
  if (error instanceof ToolError || !isNativeError(error)) return error;
  if ('syscall' in error || error.name === 'AbortError' || /allocat/i.test(error.message)) return error;
  log.warn(error.message);
  return new ToolError('file_damaged', 'The encrypted file is damaged or incomplete.');
}

async function headOf(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.toString('latin1', 0, bytesRead);
}
