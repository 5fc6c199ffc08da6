const ID = /^(\d{1,15})-(\d{1,15})$/;

const LARGEST = 999_999_999_999_999;

/** Where an entry stands: milliseconds since 1970, and a number among those of one millisecond, as in streams of Redis. */
export interface Place {
  readonly ms: number;
  readonly number: number;
}

/** Undefined when it is no id of an entry. */
export function parseEntryId(id: string): Place | undefined {
  const [, ms, number] = ID.exec(id) ?? [];
  return ms === undefined || number === undefined ? undefined : { ms: Number(ms), number: Number(number) };
}

export function entryId({ ms, number }: Place): string {
  return `${ms}-${number}`;
}

/** Less than 0 when `one` comes before `other`. */
export function comparePlaces(one: Place, other: Place): number {
  return one.ms - other.ms || one.number - other.number;
}

/** The last place that is before this one. */
export function placeBefore({ ms, number }: Place): Place {
  return number > 0 ? { ms, number: number - 1 } : { ms: ms - 1, number: LARGEST };
}

/** The next place at the end, also when the clock was put back. */
export function nextPlace(last: Place, nowMs: number): Place {
  return nowMs > last.ms ? { ms: nowMs, number: 0 } : { ms: last.ms, number: last.number + 1 };
}
