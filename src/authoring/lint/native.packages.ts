import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const names = z.record(z.string(), z.unknown()).default({});

const packageSchema = z.looseObject({
  gypfile: z.boolean().optional(),
  binary: z.unknown().optional(),
  napi: z.unknown().optional(),
  dependencies: names,
  optionalDependencies: names,
});

type Package = z.output<typeof packageSchema>;

/** `@img/sharp-linux-x64` and the like: one package for each kind of machine. */
const FOR_ONE_MACHINE = /(linux|darwin|win32|freebsd)(-\w+)*-(x64|arm64|arm|ia32)/;
const BUILDERS = ['node-gyp-build', 'prebuild-install', 'node-addon-api', 'bindings'];
/** Some packages only wrap the one that brings the native code. */
const DEPTH = 2;

/** Whether a package, as the plugin would find it, brings native code; undefined when it is not installed. */
export async function isNative(name: string, from: string, depth = DEPTH): Promise<boolean | undefined> {
  const found = await find(name, from);
  if (found === undefined) return undefined;
  const { content, path } = found;
  if (content.gypfile || content.binary !== undefined || content.napi !== undefined) return true;
  if (BUILDERS.some((builder) => builder in content.dependencies)) return true;
  if (Object.keys(content.optionalDependencies).some((other) => FOR_ONE_MACHINE.test(other))) return true;
  if (depth === 0) return false;
  const below = Object.keys(content.dependencies).map((other) => isNative(other, path, depth - 1));
  return (await Promise.all(below)).includes(true);
}

/** Looks where Node would: in `node_modules` of the folder and of each one above it. */
async function find(name: string, from: string): Promise<{ content: Package; path: string } | undefined> {
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, 'node_modules', name);
    const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : packageSchema.safeParse(JSON.parse(text));
    if (parsed?.success) return { content: parsed.data, path };
    if (at === dirname(at)) return undefined;
  }
}
