import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../errors/problem.js';
import type { Actor } from '../actor.js';
import type { AuditAction } from '../audit/audit.event.js';
import { AuditLog } from '../audit/audit.log.js';
import { sourceOf } from '../audit/audit.source.js';
import { Grantees } from './grantees.js';
import type { NewShare } from './share.document.js';
import type { Share } from './share.entity.js';
import { type Shareable, ShareStore } from './share.store.js';

/** What owners do with shares. Whoever calls has made sure that the object is the actor's own. */
@Injectable()
export class SharesService {
  constructor(
    private readonly store: ShareStore,
    private readonly grantees: Grantees,
    private readonly audit: AuditLog,
  ) {}

  /** Sharing the same with the same again changes nothing. @throws Problem `user_not_found` */
  async add(actor: Actor, object: Shareable, wanted: NewShare, request: FastifyRequest): Promise<Share> {
    const { user_id: user, role = '' } = wanted;
    if (user !== undefined && !(await this.grantees.userExists(user)))
      throw new Problem('user_not_found', `There is no user ${user}.`);
    const share = await this.store.insert({
      id: randomUUIDv7(),
      objectType: object.type,
      objectId: object.id,
      granteeType: user === undefined ? 'role' : 'user',
      grantee: user ?? role,
      createdBy: actor.id,
      createdAt: new Date(),
    });
    await this.record('share', object, share, request);
    return share;
  }

  list(object: Shareable): Promise<Share[]> {
    return this.store.list(object);
  }

  /** @throws Problem `share_not_found` */
  async remove(object: Shareable, shareId: string, request: FastifyRequest): Promise<void> {
    const share = await this.store.find(object, shareId);
    if (!share || !(await this.store.remove(shareId)))
      throw new Problem('share_not_found', `There is no share ${shareId}.`);
    await this.record('unshare', object, share, request);
  }

  private record(action: AuditAction, { type, id }: Shareable, share: Share, request: FastifyRequest): Promise<void> {
    const details = { [share.granteeType]: share.grantee };
    return this.audit.record({ action, object: `${type}:${id}`, ...sourceOf(request), details });
  }
}
