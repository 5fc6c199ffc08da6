/**
 * The value that the share (0 to 1) of the values does not exceed, by the nearest-rank method: always one of them.
 * NaN when there are none.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}

/** The value in the middle; of an even number of values the mean of the two. NaN when there are none. */
export function median(values: readonly number[]): number {
  return (percentile(values, 0.5) + percentile(values, 0.5 + 0.5 / values.length)) / 2;
}
