import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly zombie: boolean;
}

/** Whether the process exists and has not ended; one that only waits to be reaped has. */
export function isAlive(pid: number): boolean {
  const table = HAS_PROC ? readStat(pid) : readPs();
  return table.some((row) => row.pid === pid && !row.zombie);
}

/** The living children of a process, their children, and so on. */
export function descendants(pid: number): number[] {
  return descend(rows(), pid);
}

function descend(table: readonly Row[], pid: number): number[] {
  const children = table.filter(({ parent, zombie }) => parent === pid && !zombie);
  return children.flatMap((child) => [child.pid, ...descend(table, child.pid)]);
}

function rows(): Row[] {
  return HAS_PROC ? readProc() : readPs();
}

function readProc(): Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)));
}

function readStat(pid: number): Row[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the second field is the command in parentheses and may contain anything, even these.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(parent), zombie: state === 'Z' || state === 'X' }];
  } catch {
    return [];
  }
}

function readPs(): Row[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return pid ? [{ pid: Number(pid), parent: Number(parent), zombie: state.startsWith('Z') }] : [];
  });
}
