import type { Actor, Credential } from '../actor.js';
import { type Permission, ROLE_PERMISSIONS } from '../role.js';
import type { User } from './user.entity.js';

/** @param scopes what the credential is restricted to; it never has more than the role */
export function actorFor({ id, role }: User, credential: Credential, scopes?: readonly Permission[]): Actor {
  const rights = ROLE_PERMISSIONS[role];
  const permissions = scopes ? new Set(scopes.filter((scope) => rights.has(scope))) : rights;
  return { id, role, permissions, credential };
}
