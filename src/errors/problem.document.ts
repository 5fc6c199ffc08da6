import { z } from 'zod';
import { PROBLEM_FAMILIES, type ProblemCode } from './problem.catalogue.js';
import { type Problem, QUOTA_NAMES } from './problem.js';

/** The `error` member: what a program reads. A failed task carries the same one. */
export const errorSchema = z
  .object({
    type: z.enum(PROBLEM_FAMILIES).describe('The family of the fault.'),
    code: z.string().describe('Stable code; docs/errors.md explains each.'),
    message: z.string().describe('One plain sentence for people.'),
    details: z
      .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
      .describe('Single faults, each with a JSON pointer (RFC 6901) into the request.'),
    request_id: z.string().nullable().describe('The id to quote when asking the operator.'),
    timestamp: z.iso.datetime().describe('RFC 3339, UTC.'),
    retryable: z.boolean().describe('Whether the very same request may succeed later.'),
    quota: z
      .object({ quota: z.enum(QUOTA_NAMES), limit: z.int(), used: z.int(), until: z.iso.datetime().nullable() })
      .optional()
      .describe('The quota that is used up, where that is the fault.'),
    stopped: z
      .object({
        signal: z.string().nullable().describe('What ended the process; null when the tool came back by itself.'),
        after_ms: z.int().describe('Milliseconds from the decision until every process of the run was gone.'),
      })
      .optional()
      .describe('How a run was ended. Only of a task whose tool had to be ended.'),
  })
  .meta({ id: 'Error' });

/** The one body of every error: RFC 9457 members, and `error`. */
export const problemSchema = z
  .object({
    type: z.string().describe('Relative reference to the page of this code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The path of the request.'),
    error: errorSchema,
  })
  .meta({ id: 'Problem' });

export type ErrorDocument = z.output<typeof errorSchema>;
export type ProblemDocument = z.output<typeof problemSchema>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** The page of a code, relative to the server (RFC 9457 §3.1.1 allows it). */
export function problemType(code: ProblemCode): string {
  return `/docs/errors#${code}`;
}

export function problemDocument(problem: Problem, request: { id: string | null; path: string }): ProblemDocument {
  return {
    type: problemType(problem.code),
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    instance: request.path,
    error: errorDocument(problem, request.id),
  };
}

export function errorDocument(
  problem: Problem,
  requestId: string | null,
  stopped?: ErrorDocument['stopped'],
): ErrorDocument {
  return {
    type: problem.family,
    code: problem.code,
    message: problem.message,
    details: [...problem.details],
    request_id: requestId,
    timestamp: new Date().toISOString(),
    retryable: problem.retryable,
    ...(problem.quota && { quota: problem.quota }),
    ...(stopped && { stopped }),
  };
}
