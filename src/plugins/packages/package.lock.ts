import { z } from 'zod';
import { toolDescriptionSchema } from '../../sandbox/tool.description.js';
import { permissionsSchema } from '../plugin.manifest.js';

/** The name of the file in a package that says what else is in it. */
export const LOCK_FILE = 'toolyard.lock.json';

/** What a package says of itself, written when it was packed and checked where it is installed. */
export const packageLockSchema = z.strictObject({
  lock_version: z.literal(1),
  name: z.string(),
  version: z.string(),
  permissions: permissionsSchema,
  /** What its tools said of themselves, with the JSON Schema of their options. */
  tools: z.array(toolDescriptionSchema).min(1).max(200),
  /** SHA-256 of every other file of the package, by its path. */
  files: z.record(z.string().max(300), z.string().regex(/^[0-9a-f]{64}$/)),
});

export type PackageLock = z.output<typeof packageLockSchema>;

/** As text; the same for the same plugin on every machine. */
export function lockText(lock: PackageLock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}
