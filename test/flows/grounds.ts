import { join } from 'node:path';
import type { Combination } from '../combinations.js';
import { type Platform, type PlatformOptions, startPlatform } from '../platform.js';

/** Plugins that only these tests need, for PLUGINS_DIR: useful ones, and those that attack. */
export const PLUGINS_DIR = join(import.meta.dirname, 'plugins');
export const SABOTEURS_DIR = join(import.meta.dirname, 'saboteurs');

/** A platform and what it stands on. Disposing of it ends both, the platform first. */
export interface Grounded extends AsyncDisposable {
  readonly platform: Platform;
  /** The variables that name what it stands on. */
  readonly env: Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a platform, with the plugins of these tests, on one of the four grounds. */
export async function startOn({ prepare }: Combination, options: PlatformOptions = {}): Promise<Grounded> {
  await using stack = new AsyncDisposableStack();
  const ground = stack.use(await prepare());
  const env = { PLUGINS_DIR, ...ground.env, ...options.env };
  const platform = stack.use(await startPlatform({ ...options, env }));

  const all = stack.move();
  return { platform, env: ground.env, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
