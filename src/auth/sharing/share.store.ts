import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import type { Actor } from '../actor.js';
import { type ObjectType, Share } from './share.entity.js';

/** An object that can be shared. */
export interface Shareable {
  readonly type: ObjectType;
  readonly id: string;
}

const REACHES = `object_type = ? and ((grantee_type = 'user' and grantee = ?) or (grantee_type = 'role' and grantee = ?))`;

/** The rows of shares. */
@Injectable()
export class ShareStore {
  private readonly rows: Rows<Share>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(Share);
  }

  /** The share, or the one that is there already for the same grantee. */
  async insert(share: Share): Promise<Share> {
    const columns = 'id, object_type, object_id, grantee_type, grantee, created_by, created_at';
    const { id, objectType, objectId, granteeType, grantee, createdBy, createdAt } = share;
    await this.database.change(
      `insert into share (${columns}) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (object_type, object_id, grantee_type, grantee) do nothing`,
      [id, objectType, objectId, granteeType, grantee, createdBy, createdAt],
    );
    const same = 'object_type = ? and object_id = ? and grantee_type = ? and grantee = ?';
    return (await this.rows.find(same, [objectType, objectId, granteeType, grantee])) ?? share;
  }

  /** Oldest first. */
  async list({ type, id }: Shareable): Promise<Share[]> {
    return this.database.look((em) =>
      em.find(Share, { objectType: type, objectId: id }, { orderBy: { id: 'asc' }, limit: 1_000 }),
    );
  }

  async find({ type, id }: Shareable, shareId: string): Promise<Share | undefined> {
    return this.rows.find('id = ? and object_type = ? and object_id = ?', [shareId, type, id]);
  }

  async remove(shareId: string): Promise<boolean> {
    return (await this.database.change('delete from share where id = ?', [shareId])) === 1;
  }

  /** When the object itself is removed. */
  async forget({ type, id }: Shareable): Promise<void> {
    await this.database.change('delete from share where object_type = ? and object_id = ?', [type, id]);
  }

  /** Whether the object is shared with the actor, or with the role that the actor has now. */
  async reaches({ id: actorId, role }: Actor, { type, id }: Shareable): Promise<boolean> {
    const values = [type, actorId, role, id];
    return (await this.rows.find(`${REACHES} and object_id = ? limit 1`, values)) !== undefined;
  }
}

/** A condition on rows of objects, with its values: those that are shared with the actor. For lists. */
export function sharedWith({ id, role }: Actor, type: ObjectType): { condition: string; values: unknown[] } {
  const condition = `owner <> ? and id in (select object_id from share where ${REACHES})`;
  return { condition, values: [id, type, id, role] };
}
