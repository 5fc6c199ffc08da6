/** However long a client would wait: proxies and clients give up at 30 s. */
const LONGEST_WAIT_SECONDS = 25;

const WAIT = /^wait\s*=\s*"?(\d{1,9})"?$/i;

/**
 * The seconds for which the client would rather wait than be answered at once (`Prefer: wait=10`, RFC 7240 §4.3), 25 at
 * most. Undefined: it does not say so, or not in a way that can be understood.
 */
export function preferredWait(prefer: string | string[] | undefined): number | undefined {
  // Of a preference that is stated twice the first counts (§2).
  const preferences = String(prefer ?? '')
    .split(',')
    .map((preference) => preference.split(';', 1)[0]?.trim() ?? '');
  const first = preferences.find((preference) => /^wait\s*(?:=|$)/i.test(preference));
  const seconds = WAIT.exec(first ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), LONGEST_WAIT_SECONDS);
}

/** What the client hears of its preference. */
export function appliedWait(seconds: number): Record<string, string> {
  return { 'preference-applied': `wait=${seconds}` };
}
