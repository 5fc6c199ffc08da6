import { tmpdir } from 'node:os';
import { z } from 'zod';
import { errorSchema, type ProblemDocument, problemSchema } from '../../src/errors/problem.document.js';
import type { RawResponse } from '../raw-response.js';

/** The published schema, and nothing beside it. */
const strict = z.strictObject({ ...problemSchema.shape, error: z.strictObject(errorSchema.shape) });

/** What only the inside of the server knows: its directories, its modules, its stack. */
const INSIDE = [
  process.cwd(),
  tmpdir(),
  'node_modules',
  'node:',
  /\.[jt]s:\d/,
  /\bat .+\(/,
  /\n\s+at /,
  /SQLITE|sqlite/,
];

/**
 * The body of an error, after a look at what every error must keep: the media type, the members of RFC 9457 and of
 * `error`, the same status and request id outside and inside, and no word of the inside of the server.
 */
export async function problemOf(response: Response): Promise<ProblemDocument> {
  const text = await response.text();
  if (response.status < 400) throw new Error(`An error was expected, but got ${response.status}: ${text}`);
  if (response.headers.get('content-type') !== 'application/problem+json; charset=utf-8')
    throw new Error(`The error has the media type ${response.headers.get('content-type')}: ${text}`);

  const problem = strict.parse(JSON.parse(text));
  const differences = [
    problem.status !== response.status && 'status',
    problem.error.request_id !== response.headers.get('x-request-id') && 'request_id',
    problem.error.message !== problem.detail && 'message',
    problem.type !== `/docs/errors#${problem.error.code}` && 'type',
  ].filter(Boolean);
  if (differences.length > 0) throw new Error(`The error contradicts itself (${differences.join(', ')}): ${text}`);

  const leaked = INSIDE.filter((word) => (typeof word === 'string' ? text.includes(word) : word.test(text)));
  if (leaked.length > 0) throw new Error(`The error tells of the inside (${leaked.join(', ')}): ${text}`);
  return problem;
}

/** A response that came over a raw connection, for those who read the other kind. */
export function asResponse(raw: RawResponse | undefined): Response {
  if (!raw) throw new Error('There was no response.');
  const headers = [...raw.headers].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  return new Response(new Uint8Array(raw.body), { status: raw.status, headers });
}
