import { Injectable } from '@nestjs/common';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import type { Role } from '../role.js';
import { User } from './user.entity.js';

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
      await this.database.entities().insert(User, user);
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
    return this.database.entities().find(User, where, { orderBy: { id: 'desc' }, limit });
  }

  /** Whether anybody can manage the others. */
  async hasAdmin(): Promise<boolean> {
    return (await this.rows.find(`role = 'admin' and disabled_at is null`, [])) !== undefined;
  }

  async change(id: string, change: Partial<Omit<User, 'id'>>): Promise<boolean> {
    return (await this.rows.update(change, 'id = ?', [id])) === 1;
  }

  /**
   * Takes the role or the account from an admin, unless no other would be left. One statement, so that two admins who
   * remove each other at once do not leave the house without any.
   */
  async changeAdmin(id: string, change: Partial<Pick<User, 'role' | 'disabledAt'>>): Promise<boolean> {
    const another = `exists (select 1 from account where role = 'admin' and disabled_at is null and id <> ?)`;
    return (await this.rows.update(change, `id = ? and ${another}`, [id, id])) === 1;
  }
}
