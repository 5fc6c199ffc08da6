/**
 * Milliseconds after which the server wants to be asked again; undefined when it does not say. RFC 9110 §10.2.3, of which
 * Toolyard writes the seconds, and no dates.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}
