import { Channel } from '../../telemetry/channel.js';
import type { Visit } from '../visit.js';

/** What is told of accounts. */
export type AccountAction =
  | 'login'
  | 'logout'
  | 'token_reuse'
  | 'session_end'
  | 'password_change'
  | 'password_reset'
  | 'user_create'
  | 'user_change'
  | 'role_change'
  | 'key_create'
  | 'key_revoke'
  | 'link_create';

/** Something that somebody may want to prove, or to find out, later. */
export interface AuditNews {
  readonly action: AccountAction;
  readonly outcome: 'ok' | 'denied' | 'failed';
  /** Who did it; null for a stranger, and for the platform itself. */
  readonly actorId: string | null;
  /** What it was done to: `<kind>:<id>`. */
  readonly object: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  /** Never a password, a token or a key. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** Where each of them is told. */
export const auditChannel = new Channel<AuditNews>('toolyard:audit');

/** Tells of what was done during a visit. */
export function tell(
  { address, requestId }: Visit,
  news: Pick<AuditNews, 'action' | 'actorId' | 'object'> & Partial<AuditNews>,
): void {
  auditChannel.publish({ outcome: 'ok', details: {}, ...news, address, requestId });
}
