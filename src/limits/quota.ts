import { Problem, type QuotaUse } from '../errors/problem.js';

const DAY_MS = 86_400_000;

/** 413 for what is stored, because it is the size that does not fit; 429 for what is counted. */
export function quotaExceeded(use: QuotaUse): Problem {
  const { quota, limit, used, until } = use;
  const words = `${quota.replaceAll('_', ' ')}: ${used} of ${limit} are used`;
  if (quota === 'stored_bytes' || quota === 'files') {
    return new Problem('storage_quota_exceeded', `${words}. Delete files, or wait until they expire.`, { quota: use });
  }
  const wait = until === null ? 10 : Math.ceil((Date.parse(until) - Date.now()) / 1000);
  const headers = { 'retry-after': String(Math.max(1, wait)) };
  const advice = until === null ? 'Try again when one has ended.' : `Try again after ${until}.`;
  return new Problem('quota_exceeded', `${words}. ${advice}`, { quota: use, headers });
}

/** The day of a moment, UTC, and when the next one begins. */
export function dayOf(moment: Date): { day: string; until: string } {
  const start = Math.floor(moment.getTime() / DAY_MS) * DAY_MS;
  return { day: new Date(start).toISOString().slice(0, 10), until: new Date(start + DAY_MS).toISOString() };
}
