import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** One link of the chain. Rows are added at the end and never changed or removed; triggers refuse both. */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    /** 1, 2, 3 …, without gaps. */
    seq: p.bigint('number').primary(),
    id: p.uuid(),
    at: p.datetime(),
    action: p.string(),
    outcome: p.string(),
    actorId: p.string().nullable(),
    object: p.string().nullable(),
    address: p.string().nullable(),
    requestId: p.string().nullable(),
    /** Text and not JSON: PostgreSQL would write it anew, and the hash would fit no more. */
    details: p.text(),
    /** SHA-256 of the hash before and this row, in hexadecimal; see audit.chain.ts. */
    hash: p.string(),
  },
});

export type AuditEvent = InferEntity<typeof AuditEvent>;
