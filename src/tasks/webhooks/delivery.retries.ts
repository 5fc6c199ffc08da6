const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each attempt that has failed (Standard Webhooks); after the last one there is no other. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** A receiver may ask for more time, but not for ever. */
const LONGEST_MS = 24 * HOUR_MS;
/** A fifth more or less, so that what failed together is not tried again together. */
const JITTER = 0.2;

export const MOST_ATTEMPTS = PAUSES_MS.length + 1;

/**
 * Milliseconds until the next attempt; undefined when there is none.
 *
 * @param failed how many attempts have failed
 * @param retryAfterMs what the receiver has asked for; it never comes earlier
 */
export function pauseBefore(failed: number, retryAfterMs = 0, random = Math.random()): number | undefined {
  const pauseMs = PAUSES_MS[failed - 1];
  if (pauseMs === undefined) return undefined;
  const spreadMs = pauseMs * (1 + JITTER * (2 * random - 1));
  return Math.round(Math.max(spreadMs, Math.min(retryAfterMs, LONGEST_MS)));
}

/** What `Retry-After` says, in milliseconds: seconds, or a date (RFC 9110 §10.2.3). 0: nothing that can be understood. */
export function retryAfterMs(field: string | undefined, now = new Date()): number {
  if (field === undefined) return 0;
  if (/^\d+$/.test(field.trim())) return Number(field) * SECOND_MS;
  const date = Date.parse(field);
  return Number.isNaN(date) ? 0 : Math.max(date - now.getTime(), 0);
}
