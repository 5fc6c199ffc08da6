import { z } from 'zod';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from './audit.event.js';
import type { AuditEvent } from './audit-event.entity.js';

export const auditEventSchema = z
  .object({
    event_id: z.uuid(),
    seq: z.int().describe('Place in the chain: 1, 2, 3 …, without gaps.'),
    at: z.iso.datetime().describe('RFC 3339, UTC.'),
    action: z.string().describe(`What was done: ${AUDIT_ACTIONS.join(', ')}.`),
    outcome: z.enum(AUDIT_OUTCOMES),
    actor_id: z.string().nullable().describe('Who did it; null for strangers and for the platform itself.'),
    object: z.string().nullable().describe('What it was done to: `<kind>:<id>`.'),
    address: z.string().nullable().describe('Where the request came from.'),
    request_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    hash: z.string().describe('SHA-256 over the hash before and this row, hexadecimal.'),
  })
  .meta({ id: 'AuditEvent' });

export type AuditEventDocument = z.output<typeof auditEventSchema>;

export function auditEventDocument(event: AuditEvent): AuditEventDocument {
  return {
    event_id: event.id,
    seq: event.seq,
    at: event.at.toISOString(),
    action: event.action,
    outcome: AUDIT_OUTCOMES.find((outcome) => outcome === event.outcome) ?? 'failed',
    actor_id: event.actorId ?? null,
    object: event.object ?? null,
    address: event.address ?? null,
    request_id: event.requestId ?? null,
    details: z.record(z.string(), z.unknown()).parse(JSON.parse(event.details)),
    hash: event.hash,
  };
}
