import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isNativeError } from 'node:util/types';
import type { z } from 'zod';
import { Config, configSchema, type ConfigValues } from './config.js';
import { describeConfig } from './config.description.js';
import { ConfigurationFault, faultInWords } from './config.fault.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong, by variable: the first fault of each, as a sentence with the name. */
type Faults = Map<string, string>;

/**
 * Reads the environment, once. An empty variable counts as unset; a secret may come from the file that `<NAME>_FILE`
 * names; relative directories are resolved against the working directory. Throws ConfigurationFault with all faults.
 */
export function loadConfig(env: Environment = process.env): Config {
  const { values, faults } = readVariables(env);
  const parsed = configSchema.safeParse(values);
  if (parsed.success) refuseMissingDirectory(parsed.data, faults);
  if (parsed.success && faults.size === 0) return new Config(withAbsolutePaths(parsed.data));

  collect(faults, parsed.error);
  // What concerns two variables is checked only when each is good by itself: without the bad ones the rest shows.
  collect(faults, configSchema.safeParse(without(values, faults)).error);
  throw new ConfigurationFault([...faults.values()]);
}

function readVariables(env: Environment): { values: Record<string, string>; faults: Faults } {
  const values: Record<string, string> = {};
  const faults: Faults = new Map();
  for (const { name, secret } of describeConfig()) {
    const value = env[name] || undefined;
    const path = (secret && env[`${name}_FILE`]) || undefined;
    if (value && path) faults.set(name, `${name} is set together with ${name}_FILE: remove one of them`);
    else if (path) readSecret(name, path, values, faults);
    else if (value) values[name] = value;
  }
  return { values, faults };
}

/** Editors and `echo` end a file with a newline that nobody means. */
function readSecret(name: string, path: string, values: Record<string, string>, faults: Faults): void {
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (secret === '') faults.set(name, `${name}_FILE names a file that is empty`);
    else values[name] = secret;
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? String(error.code) : 'unknown reason';
    faults.set(name, `${name}_FILE names a file that cannot be read (${code})`);
  }
}

/** Everything else makes its own directories; this one somebody else must have filled. */
function refuseMissingDirectory({ PLUGINS_DIR }: ConfigValues, faults: Faults): void {
  if (PLUGINS_DIR === undefined || statSync(PLUGINS_DIR, { throwIfNoEntry: false })?.isDirectory()) return;
  faults.set('PLUGINS_DIR', 'PLUGINS_DIR must be a directory that exists');
}

function collect(faults: Faults, error: z.ZodError | undefined): void {
  for (const issue of error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (!faults.has(name)) faults.set(name, `${name} ${faultInWords(issue)}`);
  }
}

function without(values: Record<string, string>, faults: Faults): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !faults.has(name)));
}

function withAbsolutePaths(values: ConfigValues): ConfigValues {
  return {
    ...values,
    DATA_DIR: resolve(values.DATA_DIR),
    ...(values.PLUGINS_DIR !== undefined && { PLUGINS_DIR: resolve(values.PLUGINS_DIR) }),
  };
}
