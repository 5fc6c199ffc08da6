import { isNativeError } from 'node:util/types';
import { ToolError, type ToolLog } from 'toolyard/sdk';

/** Of names that strangers chose, as much as fits a sentence. */
export function quoted(name: string): string {
  const shown = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
  return `"${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}"`;
}

/** Of a library that reads archives: what it says goes to the log. The disk's faults are none of the archive's. */
export function damaged(error: unknown, log: ToolLog): unknown {
  if (error instanceof ToolError || !isNativeError(error) || 'syscall' in error) return error;
  if (error.name === 'AbortError') return error;
  log.warn(error.message);
  if (/encrypt/i.test(error.message)) return encrypted();
  return new ToolError('archive_damaged', 'The archive is damaged or incomplete, or lies about what is in it.');
}

export function encrypted(): ToolError {
  return new ToolError(
    'archive_encrypted',
    'The archive is encrypted. Only archives without a password can be unpacked.',
  );
}
