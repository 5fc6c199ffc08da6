/** A browser for each run: 0.9 s and 700 MiB, counted for each of its processes, before it has seen the document. */
export const PRINT_LIMITS = {
  totalMs: 120_000,
  memoryMb: 2_048,
  maxInputBytes: 16 * 1024 ** 2,
  maxOutputBytes: 256 * 1024 ** 2,
};
