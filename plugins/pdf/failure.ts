import { ToolError, type ExecResult, type ToolRun } from 'toolyard/sdk';

/** The programs that this plugin's manifest names. */
export type Program = 'qpdf' | 'pdfinfo' | 'pdftotext' | 'pdftoppm';

/** What Node tells of a program that failed; see child_process.execFile. */
interface Failed {
  readonly code: string | number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** The machine or a limit is at fault, not the document. The platform knows these words. */
const MACHINE = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/File too large/, 'EFBIG'],
  [/Permission denied/, 'EACCES'],
  [/No such file or directory/, 'ENOENT'],
  [/bad_alloc|out of memory|Cannot allocate memory/i, 'ENOMEM'],
] as const;

/** A program that a hostile document has brought down in one of these ways says nothing. */
const BROKE_DOWN: readonly unknown[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL'];

export const NOT_A_PDF = 'The file is not a PDF document, or too damaged to be read.';

/** What the programs say, and what the user hears. The first that fits. */
const SENTENCES = [
  [
    /invalid password|incorrect password/i,
    'pdf_locked',
    'The document opens only with a password. Use pdf-unlock first.',
  ],
  [
    /deterministic ID/,
    'pdf_protected',
    'The document is protected against changes. Remove the protection with pdf-unlock first.',
  ],
  [/file has no pages|no pages to|page tree is/i, 'pdf_unreadable', 'The document has no pages.'],
  [/./s, 'pdf_unreadable', NOT_A_PDF],
] as const;

/**
 * Runs one of the programs. Its words name paths and internals, so they go to the log, and the user gets a ToolError;
 * what is not the document's doing is thrown in words that the platform knows.
 */
export async function runProgram(run: ToolRun, program: Program, args: readonly string[]): Promise<ExecResult> {
  try {
    return await run.exec(program, args);
  } catch (error) {
    run.signal.throwIfAborted();
    throw isFailed(error) ? explain(error, run) : error;
  }
}

/** The exit code of a program that may also end with one of `codes`, and with them not have failed. */
export async function exitCode(
  run: ToolRun,
  program: Program,
  args: readonly string[],
  codes: readonly number[],
): Promise<number> {
  try {
    await run.exec(program, args);
    return 0;
  } catch (error) {
    run.signal.throwIfAborted();
    if (!isFailed(error)) throw error;
    if (typeof error.code === 'number' && codes.includes(error.code)) return error.code;
    throw explain(error, run);
  }
}

function explain(failed: Failed, run: ToolRun): unknown {
  const { code, signal, stderr } = failed;
  const [, fault] = MACHINE.find(([pattern]) => pattern.test(stderr)) ?? [];
  if (fault !== undefined) return new Error(`${fault}: ${stderr}`);
  if (signal === 'SIGXFSZ') return new Error('EFBIG: a program wrote more than it may.');

  const talkedTooMuch = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
  const ended = typeof code === 'number' || BROKE_DOWN.includes(signal) || talkedTooMuch;
  const sentence = SENTENCES.find(([pattern]) => pattern.test(stderr || '-'));
  if (!ended || sentence === undefined) return failed;
  run.log.warn(`It ended with ${signal ?? code}. ${stderr}`);
  return new ToolError(sentence[1], sentence[2]);
}

function isFailed(error: unknown): error is Failed {
  return typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string';
}
