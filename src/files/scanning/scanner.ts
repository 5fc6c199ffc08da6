import type { Readable } from 'node:stream';

/** What a scanner says of a file. Only `clean` lets it pass. */
export type ScanVerdict =
  | { readonly type: 'clean' }
  /** @param signature what was found, in the scanner's words */
  | { readonly type: 'infected'; readonly signature: string }
  /** It cannot be looked into. */
  | { readonly type: 'encrypted' }
  /** The scanner does not look at so much, of the file or of what is packed in it. */
  | { readonly type: 'too_large' }
  /** The scanner tried and failed. @param reason in its words, for the log */
  | { readonly type: 'error'; readonly reason: string };

/** Looks for viruses in bytes. */
export abstract class Scanner {
  /**
   * @param open gives the bytes, which are read to the end or destroyed
   * @throws ScannerUnavailable when there is no verdict, because nobody answers, or not in time; or what the source throws
   */
  abstract scan(open: () => Promise<Readable>): Promise<ScanVerdict>;
}

/** The scanner gives no verdict now. Later it may. */
export class ScannerUnavailable extends Error {
  override readonly name = 'ScannerUnavailable';
}
