import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isNativeError } from 'node:util/types';
import { ConfigurationFault } from '../config/config.fault.js';

/** As many as the hash of HS256 and the key of AES-256 have. */
const SECRET_BYTES = 32;

/**
 * A secret that is made once and kept in a file, readable by nobody else: 256 random bits as base64url.
 *
 * @param variable by which it could be set instead
 * @throws ConfigurationFault when the file has lost a part of it
 */
export function keptSecret(path: string, variable: string): string {
  const kept = read(path);
  if (kept !== undefined && Buffer.byteLength(kept) >= SECRET_BYTES) return kept;
  if (kept !== undefined)
    throw new ConfigurationFault([
      `${variable} is not set, and what was kept in DATA_DIR is cut off: remove the file ${basename(path)}, or bring it back`,
    ]);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, randomBytes(SECRET_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // Of two processes that start at once, one wins, and both read what it wrote, whole.
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return isNativeError(error) && 'code' in error && error.code === code;
}
