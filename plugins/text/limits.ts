const MIB = 1024 ** 2;

/** Bytes of a text: all of it is held in memory, several times over. */
export const MAX_TEXT_BYTES = 16 * MIB;

/** Bytes of a document whose structure is read. */
export const MAX_DOCUMENT_BYTES = 8 * MIB;

/** Bytes of Markdown: some is made so that its time grows with the square of its length. */
export const MAX_MARKDOWN_BYTES = MIB;

/** How deep values lie in one another. */
export const MAX_DEPTH = 200;

/** Characters of a result that the answer itself shows, too. */
export const SHOWN_CHARACTERS = 20_000;

/** What every tool here is held to, but for what it says itself. */
export const TEXT_LIMITS = {
  totalMs: 60_000,
  memoryMb: 384,
  maxInputs: 1,
  maxInputBytes: MAX_TEXT_BYTES,
  maxOutputBytes: 128 * MIB,
};
