import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { LocalStorage } from '../../src/storage/local.storage.js';

/**
 * Writes to a storage, pours into it, or copies out of it, and says how that ended. It runs in a process of its own,
 * because the limit it runs under is that of a process; and from the build, because Node runs only TypeScript whose types
 * can be erased.
 *
 * Arguments: `<directory> write <bytes>`, `<directory> pour <bytes>`, or `<directory> copy <key> <path>`.
 */
const [directory = '', action, subject = '', path = ''] = process.argv.slice(2);
const built = new URL('../../dist/storage/local.storage.js', import.meta.url).href;
const { LocalStorage: Built } = (await import(built)) as { LocalStorage: typeof LocalStorage };
const storage = new Built(directory);

const source = Readable.from(pieces(Number(subject)));
try {
  if (action === 'write') await storage.write(randomUUID(), source);
  else if (action === 'pour') await storage.pour(randomUUID(), source);
  else await storage.link(subject, path, false);
  answer({ ok: true });
} catch (error) {
  answer({ ...(error as object), isSourceDestroyed: source.destroyed });
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= 100_000) yield randomBytes(Math.min(left, 100_000));
}

function answer(value: object): void {
  process.stdout.write(JSON.stringify(value));
}
