/** Classes of one power of two. With four, the limits of a class differ by a quarter at most. */
const PER_OCTAVE = 4;

/** A day; longer runs count as such. */
const LONGEST_MS = 86_400_000;

/** Inputs of similar size: 0 is none at all, and every next class is twice as large. */
export function sizeClass(bytes: number): number {
  return bytes < 1 ? 0 : 1 + Math.floor(Math.log2(bytes));
}

/** Log-linear: each power of two of milliseconds is cut into equal parts, as in HdrHistogram. */
export function timeClass(ms: number): number {
  const length = Math.min(Math.max(ms, 1), LONGEST_MS);
  const octave = Math.floor(Math.log2(length));
  return octave * PER_OCTAVE + Math.min(Math.floor((length / 2 ** octave - 1) * PER_OCTAVE), PER_OCTAVE - 1);
}

/** Milliseconds at which the class begins; it ends where the next one begins. */
export function startOfClass(timeClass: number): number {
  const octave = Math.floor(timeClass / PER_OCTAVE);
  return 2 ** octave * (1 + (timeClass % PER_OCTAVE) / PER_OCTAVE);
}
