import { Problem, type ProblemDetail } from './problem.js';
import type { ProblemCode } from './problem.catalogue.js';

/** A fault as every Standard Schema library reports it. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The faults that a schema found, each with its JSON pointer (RFC 6901), as one Problem. */
export function invalidRequest(issues: readonly Issue[], code: ProblemCode = 'invalid_request'): Problem {
  const details = issues.map(detail);
  const [first] = details;
  const where = first?.path ? `${first.path}: ` : '';
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return new Problem(code, `${where}${first?.message ?? 'not valid'}${more}`, { details });
}

/** A path as a JSON pointer, RFC 6901. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function detail(issue: Issue): ProblemDetail {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const code = 'code' in issue && typeof issue.code === 'string' ? issue.code : 'invalid';
  return { path: jsonPointer(path), code, message: issue.message };
}
