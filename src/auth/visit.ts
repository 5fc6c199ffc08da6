import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Where a request came from, for logs, for lists of sessions, and for counting attempts. */
export interface Visit {
  readonly address: string | null;
  /** As the client gave it, cut: it decides nothing. */
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** What comes from the command line, or from the server itself. */
export const NO_VISIT: Visit = { address: null, userAgent: null, requestId: null };

const USER_AGENT_LENGTH = 300;

export function visitOf({ ip, headers, id }: FastifyRequest): Visit {
  return { address: ip, userAgent: headers['user-agent']?.slice(0, USER_AGENT_LENGTH) ?? null, requestId: id };
}

export const CurrentVisit = createParamDecorator((_: unknown, context: ExecutionContext): Visit =>
  visitOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
