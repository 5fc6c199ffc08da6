import type { Readable } from 'node:stream';

/** Bytes `start` to `end`, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where bytes live. Keys are opaque and made by the server (a UUID): never a name that a client chose.
 * Stored bytes are never changed: a key is written once, read many times, removed once.
 */
export abstract class Storage {
  /**
   * Writes all of `source` under `key`; the key is visible only when the last byte is safe. The source is read to its end
   * or destroyed. When it fails or the signal aborts, nothing remains. Throws Problem `storage_full` when there is no room.
   */
  abstract write(key: string, source: Readable, signal?: AbortSignal): Promise<void>;
  /**
   * The same for a source that may use one buffer for all its chunks: each is written before the next is asked for. Many
   * buffers of their own would make the garbage collector stop everything else.
   */
  abstract pour(key: string, source: AsyncIterable<Buffer>): Promise<void>;
  /** Opens the bytes, or a part of them. Rejects with KeyNotFound before the first byte when there is no such key. */
  abstract read(key: string, range?: ByteRange): Promise<Readable>;
  /**
   * Puts the bytes at `path`, which must not exist. `shared` allows a hard link, which costs nothing;
   * the caller promises that whoever sees `path` cannot write to it. Otherwise it is a copy. Throws KeyNotFound.
   */
  abstract link(key: string, path: string, shared: boolean): Promise<void>;
  /** Removes the key, and whatever an unfinished write of it left. A key that does not exist is no fault. */
  abstract remove(key: string): Promise<void>;
  /** Length in bytes, or undefined when there is no such key. */
  abstract stat(key: string): Promise<{ readonly size: number } | undefined>;
  /** Rejects when bytes cannot be written now. For readiness. */
  abstract check(): Promise<void>;
}

/** There are no bytes under this key. */
export class KeyNotFound extends Error {
  override readonly name = 'KeyNotFound';
}
