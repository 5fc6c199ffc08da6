import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { InputFile, ToolRun } from 'toolyard/sdk';

const CHUNK_BYTES = 256 * 1024;

/** The bytes of an input as a web stream; progress is how much of it has been read. */
export function metered({ path, size }: InputFile, { signal, progress }: ToolRun<object>): ReadableStream<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  const counted = async function* (): AsyncGenerator<Buffer> {
    let done = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk;
      done += chunk.length;
      progress(Math.min(done / size, 1));
    }
  };
  return Readable.toWeb(Readable.from(counted(), { objectMode: false, highWaterMark: CHUNK_BYTES }));
}
