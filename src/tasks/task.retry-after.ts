const LONGEST_SECONDS = 60;

/**
 * Seconds after which it is worth asking again: as long as the task is expected to take, between a second and a minute.
 *
 * @param etaSeconds undefined or null: nobody knows
 */
export function retryAfter(etaSeconds: number | null | undefined): string {
  return String(Math.min(Math.max(Math.ceil(etaSeconds ?? 1), 1), LONGEST_SECONDS));
}
