import { type ExecResult, ToolError } from '../../sdk/index.js';
import { limitInWords } from '../limit.signs.js';
import type { CommandDeclaration } from './declaration.schema.js';

/** How programs say that the system gave them no room. */
const NO_ROOM = /no space left on device|disk quota exceeded|\b(?:ENOSPC|EDQUOT)\b/i;

/** What execFile rejects with when a program has run and did not end with 0. */
interface Failed extends ExecResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * What a program's end means: its result when its exit code is one of success, else what is thrown: ToolError for a
 * code that is declared, `command_failed` for any other. Whatever the system did to it is no ToolError.
 */
export function endOf(error: unknown, { exit_codes: codes, command }: CommandDeclaration): ExecResult {
  if (isFlood(error)) throw new ToolError('output_too_large', 'The program printed more than it may.');
  if (!hasRun(error)) throw error;
  const { code, signal, stdout, stderr } = error;
  if (code !== null && codes.success.includes(code)) return { stdout, stderr };
  refuseLimits(stderr, signal);
  const said = stderr.toLowerCase();
  const known = codes.errors.find(({ exit, says = '' }) => exit === code && said.includes(says.toLowerCase()));
  if (known) throw new ToolError(known.code, known.message);
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  throw new ToolError('command_failed', `${command.program} ended ${how}, so there is no result.`);
}

/** The platform knows these words, and says them better. */
function refuseLimits(stderr: string, signal: NodeJS.Signals | null): void {
  if (signal === 'SIGXFSZ') throw new Error('EFBIG: the program wrote too large a file.');
  if (NO_ROOM.test(stderr)) throw new Error('ENOSPC: the program found no room.');
  if (limitInWords(stderr) === 'memory') throw new Error('The program ran out of memory.');
}

function isFlood(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}

function hasRun(error: unknown): error is Failed {
  return (
    error instanceof Error &&
    'code' in error &&
    'signal' in error &&
    'stderr' in error &&
    typeof error.stderr === 'string' &&
    (typeof error.code === 'number' || error.signal !== null) &&
    error.name !== 'AbortError'
  );
}
