import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { descendants } from '../test/servers/process-table.ts';

/** Only Linux tells of other processes; elsewhere all figures of this file are undefined. */
const HAS_PROC = existsSync('/proc/self/stat');

/** Linux counts processor time in hundredths of a second, whatever the clock of its kernel does. */
const TICK_MS = 10;

/** Milliseconds of processor time since their start: of the server itself, and of all processes that it started. */
export interface ServerTime {
  readonly server: number;
  readonly tools: number;
}

export function serverTime(pid: number): ServerTime | undefined {
  if (!HAS_PROC) return undefined;
  const server = times(pid);
  const living = descendants(pid).map(times);
  return { server: server.own, tools: living.reduce((sum, { own, ended }) => sum + own + ended, server.ended) };
}

/** Bytes that a process has read so far, from connections, pipes and files: `rchar` in proc_pid_io(5). */
export function bytesRead(pid: number): number | undefined {
  return HAS_PROC ? Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]) : undefined;
}

/** The most bytes that a process ever had resident: `VmHWM` in proc_pid_status(5). */
export function peakMemory(pid: number): number | undefined {
  if (!HAS_PROC) return undefined;
  return 1_024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Bytes that a process has resident now: `VmRSS` in proc_pid_status(5). */
export function residentMemory(pid: number): number | undefined {
  if (!HAS_PROC) return undefined;
  return 1_024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Lets the peak begin again at what is resident now, proc_pid_clear_refs(5). */
export function forgetPeak(pid: number): void {
  try {
    if (HAS_PROC) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Without the right to it the peak is that since the start, which tells less, but nothing wrong.
  }
}

/** See proc_pid_stat(5): time of the process, and of those of its children that have ended. */
function times(pid: number): { own: number; ended: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
    return { own: (user + system) * TICK_MS, ended: (childrenUser + childrenSystem) * TICK_MS };
  } catch {
    return { own: 0, ended: 0 };
  }
}
