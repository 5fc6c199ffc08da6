import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who asks. Every row has one as its owner. */
export interface Actor {
  readonly id: string;
}

/** Until there are accounts, everybody who reaches the server is this actor; see LocalActorGuard. */
export const LOCAL_ACTOR: Actor = { id: 'local' };

const actors = new WeakMap<FastifyRequest, Actor>();

export function identify(request: FastifyRequest, actor: Actor): void {
  actors.set(request, actor);
}

/** The actor of the request, as the guard found it. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const actor = actors.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!actor) throw new Error('A route asks for the actor, but no guard has found one.');
  return actor;
});
