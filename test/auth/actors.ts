import type { Actor } from '../../src/auth/actor.js';
import { type Role, ROLE_PERMISSIONS } from '../../src/auth/role.js';
import { OWNER } from '../tasks/task.rows.js';

/** A user who is logged in. */
export function actor(id: string, role: Role = 'user'): Actor {
  return { id, role, permissions: ROLE_PERMISSIONS[role], credential: { type: 'session', id } };
}

/** Who owns the rows that the tests make. */
export const OWNING = actor(OWNER);
