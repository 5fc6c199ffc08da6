import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Permission, Role } from './role.js';
import { type Visit, visitOf } from './visit.js';

/** Who asks: a user, with the rights that this request has. Every row has a user as its owner. */
export interface Actor {
  /** Of the user. */
  readonly id: string;
  readonly role: Role;
  /** Those of the role, or fewer when the credential has fewer. */
  readonly permissions: ReadonlySet<Permission>;
  readonly credential: Credential;
  /** From where they ask this time; none where there is no request. */
  readonly visit?: Visit;
}

/** By what the user was recognised. */
export interface Credential {
  readonly type: 'session' | 'key' | 'link';
  readonly id: string;
}

const actors = new WeakMap<FastifyRequest, Actor>();

export function identify(request: FastifyRequest, actor: Actor): void {
  actors.set(request, actor);
}

/** The actor of the request, as the guard found it; none on a public route. */
export function actorOf(request: FastifyRequest): Actor | undefined {
  return actors.get(request);
}

/** The actor of the request, as the guard found it, and from where they ask. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const actor = actorOf(request);
  if (!actor) throw new Error('A route asks for the actor, but no guard has found one.');
  return { ...actor, visit: visitOf(request) };
});
