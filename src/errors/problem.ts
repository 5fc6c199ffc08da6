import { PROBLEMS, type ProblemCode, type ProblemFamily } from './problem.catalogue.js';

/** One fault inside the request: where (a JSON pointer, RFC 6901), what, and a sentence. */
export interface ProblemDetail {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly details?: readonly ProblemDetail[];
  /** Header fields that the answer must carry, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A fault with two readers: `code` and `message` reach the client, `cause` reaches only the log.
 *
 * @example throw new Problem('task_not_found', `There is no task ${id}.`);
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly details: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    message?: string,
    { details = [], headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(message ?? `${PROBLEMS[code].title}.`, options);
    this.details = details;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get title(): string {
    return PROBLEMS[this.code].title;
  }

  get family(): ProblemFamily {
    return PROBLEMS[this.code].family;
  }

  get retryable(): boolean {
    return 'retryable' in PROBLEMS[this.code];
  }
}
