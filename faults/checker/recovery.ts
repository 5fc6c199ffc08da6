import { type Finding, finding } from './finding.ts';

/** Seconds from the end of a fault until all goes on, and how many there may be. */
export interface Recovery {
  readonly seconds: number;
  readonly limit: number;
}

/** After the death of a process, DESIGN promise 5; after the return of Redis or the database, promise 6. */
export const PROCESS_RECOVERY_S = 20;
export const SERVER_RECOVERY_S = 10;

export function judgeRecovery(recovery: Recovery | undefined): Finding[] {
  if (!recovery || recovery.seconds <= recovery.limit) return [];
  return [finding('late', `It took ${recovery.seconds.toFixed(1)} s to recover; ${recovery.limit} s are promised.`)];
}
