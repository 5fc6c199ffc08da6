/** Pages of one document, before and after. A merge of more has to be split first. */
export const MAX_PAGES = 10_000;

/** Objects of one document. qpdf holds 940 MiB for a million of them, and rewrites them in 13 seconds. */
export const MAX_OBJECTS = 1_000_000;

/** Files that one run makes: each of them is a row and a download for somebody. */
export const MAX_FILES = 500;

/** Bytes of one document. */
export const MAX_DOCUMENT_BYTES = 512 * 1024 ** 2;

/** Width × height of a picture, whether it is read or made. Checked before any pixel is. */
export const MAX_PIXELS = 50_000_000;

/** What tools declare that let qpdf rewrite a document. The memory is for the most objects that there may be. */
export const DOCUMENT_LIMITS = {
  totalMs: 180_000,
  memoryMb: 1_536,
  maxInputBytes: MAX_DOCUMENT_BYTES,
  maxOutputBytes: 2 * MAX_DOCUMENT_BYTES,
};
