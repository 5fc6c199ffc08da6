import { configSchema } from './config.js';
import type { Environment } from './config.load.js';

/** These change what Node and the loader of the system do, so whoever sets them steps out of every restriction. */
const STEERS_THE_PROCESS = /^(NODE_|LD_|DYLD_)/;

const OURS = new Set(Object.keys(configSchema.shape).flatMap((name) => [name, `${name}_FILE`]));

/**
 * The variables that a plugin declares, as far as they are set: for the environment of the process that runs its tools.
 * Toolyard's own settings, and whatever steers the process itself, are never among them.
 */
export function variablesFor(names: readonly string[], env: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined || OURS.has(name) || STEERS_THE_PROCESS.test(name) ? [] : [[name, value]];
    }),
  );
}
