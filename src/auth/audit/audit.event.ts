import { randomUUIDv7 } from 'node:crypto';

/** What is worth remembering: who got in, who changed rights, what left the house, what was removed. */
export const AUDIT_ACTIONS = [
  'login',
  'logout',
  'token_reuse',
  'password_change',
  'password_reset',
  'user_create',
  'user_change',
  'role_change',
  'session_end',
  'key_create',
  'key_revoke',
  'admin_read',
  'download',
  'remove',
  'purge',
  'share',
  'unshare',
  'link_create',
  'scan_refused',
  'webhook_create',
  'webhook_change',
  'webhook_secret',
  'webhook_remove',
  'plugin_install',
  'plugin_enable',
  'plugin_disable',
  'plugin_remove',
  'plugin_quarantine',
  'audit_lost',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const AUDIT_OUTCOMES = ['ok', 'denied', 'failed'] as const;

/** Plain values by name. Never a password, a token or a key. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** Something that has happened, as whoever saw it tells it. */
export interface NewAuditEvent {
  readonly action: AuditAction;
  /** Default: `ok`. */
  readonly outcome?: (typeof AUDIT_OUTCOMES)[number];
  /** Who did it; null for a stranger, and for the platform itself. */
  readonly actorId?: string | null;
  /** What it was done to: `<kind>:<id>`. */
  readonly object?: string | null;
  /** The address from which the request came. */
  readonly address?: string | null;
  readonly requestId?: string | null;
  readonly details?: AuditDetails;
}

/** An event as it is kept, before it has its place in the chain. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly actorId?: string | null | undefined;
  readonly object?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  /** JSON of an object, its names in order. */
  readonly details: string;
}

const MOST_CHARACTERS = 200;
const MOST_DETAILS = 20;
/** What databases refuse or people cannot see. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** A second wall behind the callers, who must not hand over secrets at all. */
const SECRET_NAME = /password|secret|token|authorization|cookie/i;
const SECRET_VALUE = /ty_(?:live|test)_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** The event with an id and a time, its words cut and made harmless. */
export function auditEntry(event: NewAuditEvent): AuditEntry {
  return {
    id: randomUUIDv7(),
    at: new Date(),
    action: event.action,
    outcome: event.outcome ?? 'ok',
    actorId: word(event.actorId),
    object: word(event.object),
    address: word(event.address),
    requestId: word(event.requestId),
    details: detailsText(event.details ?? {}),
  };
}

function detailsText(details: AuditDetails): string {
  const entries = Object.entries(details)
    .slice(0, MOST_DETAILS)
    .map(([name, value]): [string, unknown] => [
      harmless(name),
      SECRET_NAME.test(name) ? '[removed]' : typeof value === 'string' ? harmless(value) : value,
    ]);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1))));
}

function word(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : harmless(text);
}

function harmless(text: string): string {
  const open = text.replace(UNPRINTABLE, '\uFFFD').replace(SECRET_VALUE, '[removed]');
  return open.slice(0, MOST_CHARACTERS).toWellFormed();
}
