import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './config.load.js';

/** What the environment says to the commands that talk to a server. They are used far from it, and know no other setting. */
export interface ClientEnvironment {
  /** `TOOLYARD_URL` and `TOOLYARD_KEY` count more than what `toolyard login` has stored. */
  readonly url: string | undefined;
  readonly key: string | undefined;
  /** Where `toolyard login` stores it. */
  readonly loginFile: string;
}

export function clientEnvironment(env: Environment = process.env): ClientEnvironment {
  const { TOOLYARD_URL: url, TOOLYARD_KEY: key, XDG_CONFIG_HOME: home } = env;
  const directory = home || join(env['HOME'] || homedir(), '.config');
  return { url: url || undefined, key: key || undefined, loginFile: join(directory, 'toolyard', 'login.json') };
}
