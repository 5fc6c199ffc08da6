import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './config.load.js';

/** Absolute path of the directory for what an author's commands remember, and could do without. */
export function cacheDirectory(env: Environment = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'toolyard');
}
