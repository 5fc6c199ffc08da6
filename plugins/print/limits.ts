/**
 * A browser for each run: a second, and 1.1 GiB before it has seen the document, because what its processes share is
 * counted for each of them. A document of 570 pages takes 10 to 30 seconds.
 */
export const PRINT_LIMITS = {
  totalMs: 300_000,
  memoryMb: 2_560,
  maxInputBytes: 16 * 1024 ** 2,
  maxOutputBytes: 256 * 1024 ** 2,
};
