import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../errors/problem.catalogue.js';

interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Where the body is not JSON of a schema. */
  readonly mediaType?: string;
}

interface Documentation {
  readonly summary: string;
  readonly description?: string;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** The faults that are this route's own; those that every route has are not repeated. */
  readonly problems?: readonly ProblemCode[];
  /** The request's body by media type, as OpenAPI schemas, where Nest cannot see it. */
  readonly body?: Readonly<Record<string, object>>;
}

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** What OpenAPI shall say of a route. */
export function Documented({ summary, description, answers, problems = [], body }: Documentation): MethodDecorator {
  const content = Object.entries(body ?? {}).map(([type, schema]) => [type, { schema }]);
  return applyDecorators(
    ApiOperation({
      summary,
      ...(description && { description }),
      ...(body && { requestBody: { required: true, content: Object.fromEntries(content) } }),
    }),
    ...Object.entries(answers).map(([status, answer]) => answerDecorator(Number(status), answer)),
    ...problemDecorators(problems),
  );
}

function answerDecorator(status: number, { description, schema, mediaType }: Answer): MethodDecorator {
  if (mediaType) {
    const content = { [mediaType]: { schema: { type: 'string', format: 'binary' } } };
    return ApiResponse({ status, description, content });
  }
  return ApiResponse({ status, description, ...(schema && { standardSchema: schema }) });
}

function problemDecorators(codes: readonly ProblemCode[]): MethodDecorator[] {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return [...byStatus].map(([status, codes]) =>
    ApiResponse({ status, description: codes.map((code) => `\`${code}\``).join(', '), content: PROBLEM }),
  );
}
