import { z } from 'zod';
import { type ProblemDocument, problemSchema } from './problem.document.js';

/** The codes of RFC 6749 §5.2 that can be meant here; for faults of ours it has none, and clients know those of §4.1.2.1. */
const CODES = [
  'invalid_request',
  'invalid_grant',
  'unsupported_grant_type',
  'server_error',
  'temporarily_unavailable',
] as const;

/** A fault as clients of OAuth 2 read it, with the members of RFC 9457 beside it; its own `error` gives way to theirs. */
export const oauthErrorSchema = problemSchema
  .extend({
    error: z.enum(CODES).describe('RFC 6749 §5.2.'),
    error_description: z.string(),
    code: z.string().describe('Stable code; docs/errors.md explains each.'),
    request_id: z.string().nullable().describe('The id to quote when asking the operator.'),
  })
  .meta({ id: 'OAuthError' });

export type OAuthErrorDocument = z.output<typeof oauthErrorSchema>;

/** §5.2 wants this one, and a plain 400 for whatever is wrong with the grant. */
export const OAUTH_ERROR_MEDIA_TYPE = 'application/json; charset=utf-8';

const GRANT_FAULTS: ReadonlySet<string> = new Set(['invalid_credentials', 'refresh_superseded']);

export function oauthError({ error, ...problem }: ProblemDocument): OAuthErrorDocument {
  const isGrantFault = GRANT_FAULTS.has(error.code);
  return {
    ...problem,
    status: isGrantFault ? 400 : problem.status,
    error: isGrantFault ? 'invalid_grant' : codeOf(problem.status, error),
    error_description: error.message,
    code: error.code,
    request_id: error.request_id,
  };
}

function codeOf(status: number, { details }: ProblemDocument['error']): OAuthErrorDocument['error'] {
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  if (status >= 500) return 'server_error';
  return details[0]?.path === '/grant_type' ? 'unsupported_grant_type' : 'invalid_request';
}
