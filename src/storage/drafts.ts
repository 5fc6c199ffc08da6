import type { Readable } from 'node:stream';

/**
 * Bytes that come in pieces, over days perhaps, before they are kept under their key in the Storage. What was appended
 * stays when the process dies. `Storage.remove` removes a draft, too. One writer at a time: whoever calls sees to that.
 */
export abstract class Drafts {
  /**
   * Puts the source at the end of the draft, which is made when there is none. When the source fails, what it gave
   * before stays. Throws what the source throws, or Problem `storage_full`.
   */
  abstract append(key: string, source: AsyncIterable<Buffer>): Promise<void>;
  /** How many bytes there are, also when they are kept already; 0 when there are none. */
  abstract size(key: string): Promise<number>;
  /** The first `bytes` of what there is, or all of it. Rejects with KeyNotFound before the first byte. */
  abstract read(key: string, bytes?: number): Promise<Readable>;
  /** Takes away what comes after the first `bytes`. */
  abstract cut(key: string, bytes: number): Promise<void>;
  /** Makes it the bytes of the key: they are moved and not copied. What is kept already stays as it is. */
  abstract keep(key: string): Promise<void>;
}
