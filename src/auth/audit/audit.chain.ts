import { hash } from 'node:crypto';
import type { AuditEntry } from './audit.event.js';

/** The end of the chain, or any place in it: what the next row is chained to. */
export interface ChainHead {
  readonly seq: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/** What the first row is chained to. */
export const CHAIN_START: ChainHead = { seq: 0, hash: '0'.repeat(64) };

/**
 * The place of the entry after `before`. The hash is over the hash before and the row as JSON: an array of all its
 * columns in this order, times in RFC 3339, so that equal rows give equal text.
 */
export function chained(before: ChainHead, entry: AuditEntry): ChainHead {
  const seq = before.seq + 1;
  const { id, at, action, outcome, actorId, object, address, requestId, details } = entry;
  const row = [seq, id, at.toISOString(), action, outcome, actorId, object, address, requestId, details];
  return { seq, hash: hash('sha256', `${before.hash}\n${JSON.stringify(row)}`) };
}
