import type { FastifyRequest } from 'fastify';
import { actorOf } from '../actor.js';
import type { Visit } from '../visit.js';
import type { NewAuditEvent } from './audit.event.js';

/** Who caused an event by this request, and from where. */
export function sourceOf(request: FastifyRequest): Pick<NewAuditEvent, 'actorId' | 'address' | 'requestId'> {
  return { actorId: actorOf(request)?.id ?? null, address: request.ip, requestId: request.id };
}

/** From where an event was caused, for whoever knows the actor. */
export function placeOf({ address, requestId }: Visit): Pick<NewAuditEvent, 'address' | 'requestId'> {
  return { address, requestId };
}
