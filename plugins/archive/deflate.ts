import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { inOrder } from './in.order.ts';

/** Bytes that are compressed by one thread at a time. */
export const BLOCK_BYTES = 512 * 1024;
/** How far back a match may reach: the end of one block is the dictionary of the next, so that little is lost by the cut. */
const WINDOW_BYTES = 32 * 1024;
/** Node has four threads for this. */
const WIDTH = Math.min(availableParallelism(), 4) + 1;

const deflateBlock = promisify(deflateRaw);

/** A piece of a file: whatever it is a piece of goes along. */
export interface Block<Owner> {
  readonly owner: Owner;
  readonly bytes: Buffer;
  /** The bytes before it; empty for the first of a file. */
  readonly before: Buffer;
  readonly isLast: boolean;
}

export interface Deflated<Owner> {
  readonly owner: Owner;
  /** Raw deflate (RFC 1951): those of one owner, one after the other, are one stream. */
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** Compresses blocks on several threads, and gives them back in their order. */
export function deflated<Owner>(blocks: Iterable<Block<Owner>> | AsyncIterable<Block<Owner>>, level: number) {
  return inOrder(blocks, WIDTH, async ({ owner, bytes, before, isLast }): Promise<Deflated<Owner>> => {
    const made = await deflateBlock(bytes, {
      level,
      chunkSize: Math.max(1024, bytes.length),
      finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(before.length > 0 && { dictionary: before }),
    });
    return { owner, bytes: made, isLast };
  });
}

/** Cuts a stream of bytes into blocks; there is always a last one, which may be empty. */
export async function* blocksOf(source: AsyncIterable<Buffer>): AsyncGenerator<Block<null>> {
  let before: Buffer = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < BLOCK_BYTES) continue;
    const bytes = Buffer.concat(waiting);
    yield { owner: null, bytes, before, isLast: false };
    before = bytes.subarray(-WINDOW_BYTES);
    [waiting, length] = [[], 0];
  }
  yield { owner: null, bytes: Buffer.concat(waiting), before, isLast: true };
}

export function windowOf(bytes: Buffer): Buffer {
  return bytes.subarray(-WINDOW_BYTES);
}

/** A gzip file (RFC 1952) that says neither when it was made, nor where, nor of what. */
export async function* gzipped(source: AsyncIterable<Buffer>, level: number): AsyncGenerator<Buffer> {
  let sum = 0;
  let size = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      sum = crc32(chunk, sum);
      size += chunk.length;
      yield chunk;
    }
  };
  yield Buffer.from('1f8b08000000000000ff', 'hex');
  for await (const { bytes } of deflated(blocksOf(counted()), level)) yield bytes;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}
