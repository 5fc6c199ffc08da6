import { ToolError } from 'toolyard/sdk';
import { HARMLESS_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES } from './limits.ts';

/**
 * Counts what comes out of an archive.
 *
 * @param archiveBytes its own size
 * @returns to be told of each piece; throws ToolError when the archive becomes too much
 */
export function meterFor(archiveBytes: number): (bytes: number) => void {
  const most = Math.max(HARMLESS_BYTES, MAX_RATIO * archiveBytes);
  let unpacked = 0;
  return (bytes) => {
    unpacked += bytes;
    if (unpacked > MAX_UNPACKED_BYTES) {
      throw new ToolError('unpacked_too_large', 'The archive becomes more than 2 GiB.');
    }
    if (unpacked > most) {
      throw new ToolError(
        'ratio_too_high',
        `The archive becomes more than ${MAX_RATIO} times as large as it is, as only those do that are made to do harm.`,
      );
    }
  };
}
