/** What may be done, each word one right. A route asks for one of them. */
export const PERMISSIONS = [
  'tools:read',
  'files:read',
  'files:write',
  'tasks:read',
  'tasks:write',
  /** One's own webhooks, which tell the world of one's own tasks. */
  'webhooks:manage',
  /** One's own name, password and sessions. */
  'account:manage',
  /** One's own API keys. */
  'keys:manage',
  'users:manage',
  /** What belongs to others; each look is noted. */
  'others:read',
  'audit:read',
  /** Which code this platform runs. */
  'plugins:manage',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['admin', 'analyst', 'user', 'viewer'] as const;

export type Role = (typeof ROLES)[number];

const READING: readonly Permission[] = ['tools:read', 'files:read', 'tasks:read', 'account:manage'];
const WORKING: readonly Permission[] = [...READING, 'files:write', 'tasks:write', 'keys:manage', 'webhooks:manage'];

/** The one table. A viewer reads what is shared; a user and an analyst work with what is their own. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  admin: new Set(PERMISSIONS),
  analyst: new Set(WORKING),
  user: new Set(WORKING),
  viewer: new Set(READING),
};
