import { ToolError, type ToolRun } from 'toolyard/sdk';

/** The machine is at fault and not the file: a crash, to be tried again. */
const MACHINE = /no space left|cannot allocate|disk quota|read-only file system|too many open files|ENOENT|EACCES/i;

/** Signals that say that a broken file broke the program. */
const BROKEN = ['SIGSEGV', 'SIGABRT', 'SIGFPE', 'SIGBUS', 'SIGILL'];

/** How Node says that a program printed more than it keeps. */
const TOO_LOUD = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';

/** Waits for a program. What it says names paths and internals: it goes to the log, and the user gets a ToolError. */
export async function explained<Result>(work: Promise<Result>, run: ToolRun<unknown>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (run.signal.aborted || !isProgramFault(error)) throw error;
    note(run, error.stderr);
    if (error.signal === 'SIGXFSZ') throw new Error('EFBIG: the file became larger than it may.', { cause: error });
    const ownEnd = error.signal === null || BROKEN.includes(error.signal) || error.code === TOO_LOUD;
    if (!ownEnd || MACHINE.test(error.stderr)) throw inShort(error);
    throw unreadable();
  }
}

/** The last lines that a program said, without the paths of this machine. */
export function note({ inputs, workspace, log }: ToolRun<unknown>, said: string): void {
  const lines = said.trim().split('\n').slice(-5).join('\n');
  const bare = inputs.reduce((text, { path }) => text.replaceAll(path, 'input'), lines);
  log.warn(bare.replaceAll(`${workspace}/`, ''));
}

export function unreadable(): ToolError {
  return new ToolError('media_unreadable', 'The file is damaged or incomplete, or uses a feature that cannot be read.');
}

export function nothingThere(): ToolError {
  return new ToolError('part_empty', 'There is nothing to see or hear in this part of the file.');
}

interface ProgramFault extends Error {
  readonly code: unknown;
  readonly signal: string | null;
  readonly stderr: string;
}

function isProgramFault(error: unknown): error is ProgramFault {
  return typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string';
}

/** What the platform reads in it is the number of an error of the system. */
function inShort(error: ProgramFault): Error {
  const full = /no space left|disk quota/i.test(error.stderr) ? 'ENOSPC: ' : '';
  return new Error(`${full}${error.stderr.trim().slice(-500)}`, { cause: error });
}
