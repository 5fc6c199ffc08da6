import { PROBLEMS, type ProblemCode, type ProblemFamily } from './problem.catalogue.js';

/** One fault inside the request: where (a JSON pointer, RFC 6901), what, and a sentence. */
export interface ProblemDetail {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export const QUOTA_NAMES = ['stored_bytes', 'files', 'tasks_per_day', 'unfinished_tasks'] as const;

/** How much of a quota is used. */
export interface QuotaUse {
  readonly quota: (typeof QUOTA_NAMES)[number];
  /** 0: there is none. */
  readonly limit: number;
  readonly used: number;
  /** When counting begins anew, RFC 3339; null where things count until they are gone. */
  readonly until: string | null;
}

export interface ProblemOptions extends ErrorOptions {
  readonly details?: readonly ProblemDetail[];
  /** The quota that is used up. */
  readonly quota?: QuotaUse;
  /** Whether the same request may succeed later although the code mostly says otherwise. */
  readonly retryable?: boolean;
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
  readonly quota: QuotaUse | undefined;
  readonly retryable: boolean;

  constructor(
    readonly code: ProblemCode,
    message?: string,
    { details = [], headers = {}, quota, retryable, ...options }: ProblemOptions = {},
  ) {
    super(message ?? `${PROBLEMS[code].title}.`, options);
    this.details = details;
    this.headers = headers;
    this.quota = quota;
    this.retryable = retryable ?? 'retryable' in PROBLEMS[code];
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
}
