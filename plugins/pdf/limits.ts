/** Pages of one document, before and after. A merge of more has to be split first. */
export const MAX_PAGES = 10_000;

/** Files that one run makes: each of them is a row and a download for somebody. */
export const MAX_FILES = 500;

/** Bytes of one document. qpdf reads objects one by one, but keeps a table of all of them. */
export const MAX_DOCUMENT_BYTES = 512 * 1024 ** 2;

/** Width × height of a picture, whether it is read or made. Checked before any pixel is. */
export const MAX_PIXELS = 50_000_000;

/** What tools declare that let qpdf rewrite a document. A million objects hold 620 MiB; ten thousand pages take seconds. */
export const DOCUMENT_LIMITS = {
  totalMs: 180_000,
  memoryMb: 1_536,
  maxInputBytes: MAX_DOCUMENT_BYTES,
  maxOutputBytes: 2 * MAX_DOCUMENT_BYTES,
};
