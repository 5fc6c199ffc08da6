import { Injectable } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import type { Actor } from '../actor.js';
import { AuditLog } from '../audit/audit.log.js';
import { placeOf } from '../audit/audit.source.js';
import { NO_VISIT } from '../visit.js';
import type { ObjectType } from './share.entity.js';
import { type Shareable, ShareStore } from './share.store.js';

/** An object and whose it is. */
export interface Owned extends Shareable {
  readonly owner: string;
}

/** An admin who follows a task asks every second; one event in so long tells it. */
const SAME_LOOK_MS = 300_000;
const MOST_LOOKS = 10_000;

/** The one place that says whether somebody may read an object. Changing it is for its owner alone. */
@Injectable()
export class Access {
  /** When an admin last looked at something, by both their ids. */
  private readonly looks = new Map<string, number>();

  constructor(
    private readonly shares: ShareStore,
    private readonly audit: AuditLog,
  ) {}

  /** As its owner, because it is shared, or as an admin: then it is noted. */
  async mayRead(actor: Actor, object: Owned): Promise<boolean> {
    if (object.owner === actor.id) return true;
    if (await this.shares.reaches(actor, object)) return true;
    if (!actor.permissions.has('others:read')) return false;
    this.noteLook(actor, `${object.type}:${object.id}`, object.owner);
    return true;
  }

  /** @throws Problem `not_allowed` when the actor may not see lists of what belongs to the owner */
  requireList(actor: Actor, type: ObjectType, owner: string): void {
    if (owner === actor.id) return;
    if (!actor.permissions.has('others:read'))
      throw new Problem('not_allowed', 'Only an admin may see what belongs to somebody else.');
    this.noteLook(actor, `${type}:*`, owner);
  }

  private noteLook({ id, visit = NO_VISIT }: Actor, object: string, owner: string): void {
    const look = `${id} ${object} ${owner}`;
    const now = Date.now();
    if (now - (this.looks.get(look) ?? -Infinity) < SAME_LOOK_MS) return;
    if (this.looks.size >= MOST_LOOKS) this.looks.clear();
    this.looks.set(look, now);
    this.audit.note({ action: 'admin_read', actorId: id, object, ...placeOf(visit), details: { owner } });
  }
}
