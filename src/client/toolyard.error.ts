import type { Error as ErrorDocument, Task } from './generated/types.gen.js';
import { retryAfterMs } from './retry.after.js';

type ErrorDetail = ErrorDocument['details'][number];

/** What went wrong, in the words of the server; docs/errors.md explains each code. */
export class ToolyardError extends Error {
  override readonly name = 'ToolyardError';
  /** Stable. `unreachable` when no server answered, `unreadable_answer` when something else than Toolyard did. */
  readonly code: string;
  /** The family of the code, such as `validation_error`. */
  readonly type: string;
  /** Of HTTP; undefined for a task that failed, and when nobody answered. */
  readonly status: number | undefined;
  /** Single faults, each with a JSON pointer into the request. */
  readonly details: readonly ErrorDetail[];
  /** To quote when asking the operator. */
  readonly requestId: string | undefined;
  /** Whether the very same may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds after which the server wants to be asked again; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;
  /** The task that did not end well, where there is one. */
  readonly task: Task | undefined;

  constructor(message: string, known: Partial<Omit<ToolyardError, 'name' | 'message'>> & { readonly code: string }) {
    super(message, { cause: known.cause });
    this.code = known.code;
    this.type = known.type ?? 'unavailable';
    this.status = known.status;
    this.details = known.details ?? [];
    this.requestId = known.requestId;
    this.retryable = known.retryable ?? false;
    this.retryAfterMs = known.retryAfterMs;
    this.task = known.task;
  }
}

/** An answer that is no success. @param body what it carries, parsed where it is JSON */
export function errorOfAnswer({ status, headers }: Response, body: unknown): ToolyardError {
  const known = documentIn(body);
  if (!known)
    return new ToolyardError(`The server answered ${status}, and not as Toolyard does.`, {
      code: 'unreadable_answer',
      type: status >= 500 ? 'unavailable' : 'internal',
      status,
      retryable: status >= 500,
      retryAfterMs: retryAfterMs(headers),
    });
  const { code, type, message, details, retryable, request_id: requestId } = known;
  const more = { requestId: requestId ?? undefined, retryAfterMs: retryAfterMs(headers) };
  return new ToolyardError(message, { code, type, status, details, retryable, ...more });
}

/** Nobody answered. What the caller has aborted is thrown as it is. */
export function errorOfSilence(cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof ToolyardError) return cause;
  return new ToolyardError('The server cannot be reached.', { code: 'unreachable', retryable: true, cause });
}

/** A task that was cancelled, or that failed for the reason that it tells itself. */
export function errorOfTask(task: Task): ToolyardError {
  const { error } = task;
  if (!error) return new ToolyardError('The task was cancelled.', { code: 'task_cancelled', type: 'tool_error', task });
  const { code, type, message, details, retryable, request_id: requestId } = error;
  return new ToolyardError(message, { code, type, details, retryable, requestId: requestId ?? undefined, task });
}

function documentIn(body: unknown): ErrorDocument | undefined {
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return isErrorDocument(error) ? error : undefined;
}

function isErrorDocument(value: unknown): value is ErrorDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'details' in value &&
    Array.isArray(value.details)
  );
}
