import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { Texts } from './package.folders.js';

/** An entry as nobody with good intentions writes it. */
export type Entry = Partial<Header> & { readonly name: string; readonly text?: string | Buffer };

/** A tarball with just these entries. */
export async function tarball(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { text = '', ...header } of entries)
    archive.entry({ ...header, ...(header.type === undefined && { size: Buffer.byteLength(text) }) }, text);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

/** The entries of a package with these texts, below `package/`. */
export function entriesOf(texts: Texts): Entry[] {
  return Object.entries(texts).map(([path, text]) => ({ name: `package/${path}`, text }));
}

/** The texts with a lock that fits to them, as far as it is not changed. */
export function locked(texts: Texts, lock: object, change: object = {}): Texts {
  const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, hash('sha256', text)]));
  return { ...texts, 'toolyard.lock.json': JSON.stringify({ ...lock, files, ...change }) };
}
