import { ToolError } from 'toolyard/sdk';
import { quoted } from './faults.ts';
import { MAX_FOLDERS, MAX_PATH_BYTES } from './limits.ts';

const DRIVE = /^[A-Za-z]:/;

/** The paths of an archive, each looked at as if it were to be written to a disk that knows no upper case. */
export class EntryPaths {
  private readonly known = new Map<string, 'file' | 'folder'>();

  /**
   * @param claimed what the archive says
   * @returns the path with `/` between its parts and nothing needless in it; empty for the archive's own folder
   * @throws ToolError `entry_name_refused` or `entries_collide`
   */
  add(claimed: string, kind: 'file' | 'folder'): string {
    const parts = partsOf(claimed);
    if (kind === 'file' && parts.length === 0) throw refused(claimed, 'has no name');
    for (let length = 1; length < parts.length; length++) this.note(parts.slice(0, length), 'folder', claimed);
    if (parts.length > 0) this.note(parts, kind, claimed);
    return parts.join('/');
  }

  private note(parts: readonly string[], kind: 'file' | 'folder', claimed: string): void {
    const key = parts.join('/').normalize('NFC').toLowerCase();
    const known = this.known.get(key);
    if (known === undefined) this.known.set(key, kind);
    else if (known === 'file' || kind === 'file') {
      throw new ToolError(
        'entries_collide',
        `The archive has two entries that many systems take for the same, such as ${quoted(claimed)}.`,
      );
    }
  }
}

function partsOf(claimed: string): string[] {
  if (/\p{Cc}/u.test(claimed)) throw refused(claimed, 'has control characters in its name');
  if (claimed.includes('\\')) throw refused(claimed, 'has a backslash in its name');
  if (claimed.startsWith('/') || DRIVE.test(claimed)) throw refused(claimed, 'has an absolute path');
  if (Buffer.byteLength(claimed) > MAX_PATH_BYTES) throw refused(claimed, `has a path of over ${MAX_PATH_BYTES} bytes`);
  const parts = claimed.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(claimed, 'leads out of the archive');
  if (parts.length > MAX_FOLDERS) throw refused(claimed, `lies in more than ${MAX_FOLDERS} folders`);
  return parts;
}

function refused(claimed: string, why: string): ToolError {
  return new ToolError('entry_name_refused', `The entry ${quoted(claimed)} ${why}, so nothing is unpacked.`);
}
