import { Injectable } from '@nestjs/common';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import type { Role } from '../role.js';
import { User } from './user.entity.js';

/** Any number, the same in every process: who holds this lock takes an admin away. */
const ADMINS_LOCK = 7_001_968;
const OTHER_ADMIN = `select 1 from account as other where other.role = 'admin' and other.disabled_at is null and other.id <> ?`;

/** What a list of users can be narrowed to. */
export interface UserFilter {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
}

/** The rows of users. */
@Injectable()
export class UserStore {
  private readonly rows: Rows<User>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(User);
  }

  /** False: somebody has this address already. */
  async insert(user: User): Promise<boolean> {
    try {
      await this.database.work((em) => em.insert(User, user));
      return true;
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException) return false;
      throw error;
    }
  }

  find(id: string): Promise<User | undefined> {
    return this.rows.find('id = ?', [id]);
  }

  /** @param email in any case */
  findByEmail(email: string): Promise<User | undefined> {
    return this.rows.find('email = ?', [email.toLowerCase()]);
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list({ role, disabled }: UserFilter, limit: number, after?: string): Promise<User[]> {
    const where = {
      ...(role && { role }),
      ...(disabled !== undefined && { disabledAt: disabled ? { $ne: null } : null }),
      ...(after && { id: { $lt: after } }),
    };
    return this.database.look((em) => em.find(User, where, { orderBy: { id: 'desc' }, limit }));
  }

  async change(id: string, change: Partial<Omit<User, 'id'>>): Promise<boolean> {
    return (await this.rows.update(change, 'id = ?', [id])) === 1;
  }

  /** False: it is not the password any more that it was when the user was read. */
  async changePassword({ id, passwordHash }: User, next: string): Promise<boolean> {
    const change = { passwordHash: next };
    if (!passwordHash) return (await this.rows.update(change, 'id = ? and password_hash is null', [id])) === 1;
    return (await this.rows.update(change, 'id = ? and password_hash = ?', [id, passwordHash])) === 1;
  }

  /**
   * Takes the role or the account from an admin, unless no other would be left: then it is false. One after the other, so
   * that two who remove each other at once do not leave the house without any.
   */
  async changeAdmin(id: string, change: Partial<Pick<User, 'role' | 'disabledAt'>>): Promise<boolean> {
    const { text, values } = this.rows.updating(change, `id = ? and exists (${OTHER_ADMIN})`, [id, id]);
    return (await this.database.queryAlone(ADMINS_LOCK, `${text} returning id`, values)).length === 1;
  }

  /** Gives what was made while there were no accounts to its heir. */
  async inheritLocal(heir: string): Promise<void> {
    for (const table of ['file', 'task']) {
      await this.database.change(`update ${table} set owner = ? where owner = 'local'`, [heir]);
    }
  }

  /** The admin who came first. */
  async firstAdmin(): Promise<User | undefined> {
    return this.rows.find(`role = 'admin' and disabled_at is null order by id limit 1`, []);
  }
}
