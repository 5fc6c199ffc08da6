import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { ConfigurationFault } from '../../config/config.fault.js';
import type { Config } from '../../config/config.js';

/** HS256 wants as many bytes as its hash has (RFC 7518 §3.2). */
const SECRET_BYTES = 32;

/**
 * The secrets of access tokens, the one that signs first. Without JWT_SECRET one is made once and kept in DATA_DIR,
 * readable by nobody else.
 *
 * @throws ConfigurationFault when the one that was kept is too short to be a secret
 */
export function signingSecrets(config: Config): readonly string[] {
  const current = config.JWT_SECRET ?? keptSecret(join(config.DATA_DIR, 'jwt-secret'));
  return config.JWT_SECRET_PREVIOUS === undefined ? [current] : [current, config.JWT_SECRET_PREVIOUS];
}

function keptSecret(path: string): string {
  const kept = read(path);
  if (kept !== undefined && Buffer.byteLength(kept) >= SECRET_BYTES) return kept;
  if (kept !== undefined)
    throw new ConfigurationFault([
      'JWT_SECRET is not set, and what was kept in DATA_DIR is cut off: remove the file jwt-secret, or bring it back',
    ]);
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
