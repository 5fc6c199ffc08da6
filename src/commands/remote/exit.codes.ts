import { ToolyardError } from '../../client/index.js';

/** What scripts can decide by, beside 0 for success and 1 for what is none of these. */
export const EXIT = {
  usage: 2,
  access: 3,
  refused: 4,
  missing: 5,
  tool: 6,
  limit: 7,
  server: 8,
  interrupted: 130,
} as const;

const BY_FAMILY: Readonly<Record<string, number>> = {
  authentication_error: EXIT.access,
  permission_error: EXIT.access,
  validation_error: EXIT.refused,
  payload_too_large: EXIT.refused,
  not_found: EXIT.missing,
  conflict: EXIT.missing,
  gone: EXIT.missing,
  tool_error: EXIT.tool,
  too_many: EXIT.limit,
  unavailable: EXIT.server,
  internal: EXIT.server,
};

/** A fault of the command line itself: a file that is not there, a flag that says nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof ToolyardError)) return 1;
  // A tool may call its fault what it likes; the task is what tells that one ran.
  return error.task ? EXIT.tool : (BY_FAMILY[error.type] ?? 1);
}
