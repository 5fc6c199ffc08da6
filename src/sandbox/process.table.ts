import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** What the system tells of a process, see proc(5). Linux only. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Milliseconds of processor time, its ended children included. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Fields after the command, counted from the state, which is the third of all. */
const FIELD = { state: 0, parent: 1, group: 2, userTime: 11, childSystemTime: 14, resident: 21 } as const;

/** The kernel counts processor time in hundredths of a second for every program, whatever it does inside. */
const TICK_MS = 10;

const AT_PAGESZ = 6n;

const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Undefined when there is no such process, or when it has ended and only waits for its parent. */
export function readProcess(pid: number): ProcessRow | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the command in parentheses and may contain anything, even these.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length <= FIELD.resident || fields[FIELD.state] === 'Z') return undefined;
  const times = fields.slice(FIELD.userTime, FIELD.childSystemTime + 1).map(Number);
  return {
    pid,
    parent: Number(fields[FIELD.parent]),
    group: Number(fields[FIELD.group]),
    cpuMs: times.reduce((sum, ticks) => sum + ticks, 0) * TICK_MS,
    residentBytes: Number(fields[FIELD.resident]) * pageSize(),
  };
}

export function readProcesses(): ProcessRow[] {
  return processIds().flatMap((pid) => readProcess(pid) ?? []);
}

/** The processes that were started with this text among their variables, as far as we may look. */
export function processesWith(variable: string): number[] {
  return processIds().filter((pid) => `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${variable}`));
}

/** The children of a process that has one thread. Empty also where the system does not tell. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** How many files, sockets and pipes a process has open. 0 where we may not look. */
export function openFilesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
  } catch {
    return [];
  }
}

/** Without a buffer of its own for each file: of a hundred processes, ten times a second, that would be much garbage. */
function read(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      return readToEnd(file);
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function readToEnd(file: number): string {
  let text = '';
  for (;;) {
    const bytes = readSync(file, buffer);
    if (bytes === 0) return text;
    text += buffer.toString('latin1', 0, bytes);
  }
}

let knownPageSize = 0;

/** From the auxiliary vector that the kernel gives to every program: pairs of numbers. */
function pageSize(): number {
  if (knownPageSize > 0) return knownPageSize;
  const numbers = new BigUint64Array(Uint8Array.from(readFileSync('/proc/self/auxv')).buffer);
  const at = numbers.findIndex((value, index) => index % 2 === 0 && value === AT_PAGESZ);
  knownPageSize = Number(numbers[at + 1]);
  return knownPageSize;
}
