import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import type { Actor } from '../actor.js';
import type { AuditAction } from '../audit/audit.event.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { RecentActors } from '../recent.actors.js';
import type { Role } from '../role.js';
import { Sessions } from '../sessions/sessions.js';
import type { Visit } from '../visit.js';
import type { User } from './user.entity.js';
import { type UserFilter, UserStore } from './user.store.js';

/** What an admin can change of a user. */
export interface UserChange {
  readonly name?: string | null | undefined;
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
}

/** Users, as admins see them. */
@Injectable()
export class UsersService {
  constructor(
    private readonly store: UserStore,
    private readonly sessions: Sessions,
    private readonly recent: RecentActors,
    private readonly audit: AuditLog,
  ) {}

  list(filter: UserFilter, limit: number, after?: string): Promise<User[]> {
    return this.store.list(filter, limit, after);
  }

  /** @throws Problem `user_not_found` */
  async find(id: string): Promise<User> {
    const user = await this.store.find(id);
    if (!user) throw new Problem('user_not_found', `There is no user ${id}.`);
    return user;
  }

  /** Also for the user's own profile. */
  async rename(id: string, name: string | null): Promise<User> {
    await this.store.change(id, { name });
    return this.find(id);
  }

  /**
   * Rights that are taken away are gone at once, and elsewhere after ten seconds.
   *
   * @param actor null: from the command line
   * @throws Problem `user_not_found` or `last_admin`
   */
  async change(actor: Actor | null, id: string, change: UserChange, visit: Visit): Promise<User> {
    const user = await this.find(id);
    if (change.name !== undefined) await this.store.change(id, { name: change.name });
    await this.changeRights(user, rightsOf(user, change));
    if (change.disabled === true) await this.sessions.endAll(id, null);
    this.recent.forgetAll();
    await this.record(actor, user, change, visit);
    return this.find(id);
  }

  private async changeRights(user: User, change: Partial<Pick<User, 'role' | 'disabledAt'>>): Promise<void> {
    if (Object.keys(change).length === 0) return;
    const staysAdmin = (change.role ?? user.role) === 'admin' && !(change.disabledAt ?? null);
    const losesAdmin = user.role === 'admin' && !user.disabledAt && !staysAdmin;
    const changed = await (losesAdmin ? this.store.changeAdmin(user.id, change) : this.store.change(user.id, change));
    if (!changed) throw new Problem('last_admin', 'Nobody could manage users any more. Make another admin first.');
  }

  private record(actor: Actor | null, { id, role }: User, change: UserChange, visit: Visit): Promise<void> {
    const about = { actorId: actor?.id ?? null, object: `user:${id}` };
    const action: AuditAction = change.role !== undefined && change.role !== role ? 'role_change' : 'user_change';
    const { role: given, disabled } = change;
    const details = {
      ...(given !== undefined && { role: given, role_before: role }),
      ...(disabled !== undefined && { disabled }),
    };
    return this.audit.record({ action, ...about, ...placeOf(visit), details });
  }
}

/** Disabling a disabled user again does not change since when. */
function rightsOf(user: User, { role, disabled }: UserChange): Partial<Pick<User, 'role' | 'disabledAt'>> {
  return {
    ...(role !== undefined && { role }),
    ...(disabled !== undefined && { disabledAt: disabled ? (user.disabledAt ?? new Date()) : null }),
  };
}
