import { open } from 'node:fs/promises';
import { BufferedFile } from '../tables/buffered.file.ts';
import type { Encoding } from './encoding.ts';

const CHUNK_BYTES = 4 * 1024 ** 2;

/**
 * Writes a file in UTF-16 anew, in UTF-8, because no delimiter can be looked for in it.
 * Half characters become U+FFFD. An odd byte at the end is not written; it is answered.
 *
 * @param skip bytes of its mark, which are left out
 */
export async function narrow(
  path: string,
  target: string,
  { encoding, skip }: { readonly encoding: Encoding; readonly skip: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  await using file = await open(path);
  await using written = new BufferedFile(target);
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const even = size - (size % 2);
  for (let done = skip; done < even;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, even - done), done);
    if (bytesRead === 0) break;
    written.add(Buffer.from(decoder.decode(buffer.subarray(0, bytesRead), { stream: true })));
    await written.settle();
    done += bytesRead;
  }
  written.add(Buffer.from(decoder.decode()));
  await written.flush();
  if (even === size) return undefined;
  const odd = Buffer.alloc(1);
  await file.read(odd, 0, 1, even);
  return odd;
}
