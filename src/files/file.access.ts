import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { AuditLog } from '../auth/audit/audit.log.js';
import { sourceOf } from '../auth/audit/audit.source.js';
import { Access, type Owned } from '../auth/sharing/access.js';
import { ShareStore } from '../auth/sharing/share.store.js';
import { Problem } from '../errors/problem.js';
import type { File } from './file.entity.js';
import { FileStore } from './file.store.js';
import { FilesService } from './files.service.js';

/** Whose files a list shows: one's own, those that others share, or, for an admin, somebody's. */
export interface FileScope {
  readonly shared?: boolean | undefined;
  readonly owner?: string | undefined;
}

/** Files, as an actor sees them. What the actor may not read does not exist. */
@Injectable()
export class FileAccess {
  constructor(
    private readonly store: FileStore,
    private readonly files: FilesService,
    private readonly access: Access,
    private readonly shares: ShareStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem `file_not_found`, `file_removed` or `file_expired` */
  async read(actor: Actor, id: string): Promise<File> {
    const file = await this.store.find(id);
    if (!file || !(await this.access.mayRead(actor, asShareable(file)))) throw notFound(id);
    return refuseGone(file);
  }

  /** A file whose bytes the actor may have. @throws Problem also `file_not_scanned` */
  async usable(actor: Actor, id: string): Promise<File> {
    return refuseUnscanned(await this.read(actor, id));
  }

  /** A file that the actor may change. @throws Problem also `not_allowed`, when the actor may only read it */
  async own(actor: Actor, id: string): Promise<File> {
    const file = await this.read(actor, id);
    if (file.owner === actor.id) return file;
    throw new Problem('not_allowed', 'You may read this file, but only its owner may do this.');
  }

  async list(actor: Actor, { shared, owner = actor.id }: FileScope, limit: number, after?: string): Promise<File[]> {
    if (shared) return this.store.shared(actor, limit, after);
    this.access.requireList(actor, 'file', owner);
    return this.files.list(owner, limit, after);
  }

  /** Removes a file of the actor's own, with its shares. */
  async remove(actor: Actor, id: string, request: FastifyRequest): Promise<void> {
    const { name } = await this.own(actor, id);
    await this.files.discard(id);
    await this.shares.forget({ type: 'file', id });
    this.audit.note({ action: 'remove', object: `file:${id}`, ...sourceOf(request), details: { name } });
  }
}

export function asShareable({ id, owner }: File): Owned {
  return { type: 'file', id, owner };
}

/** @throws Problem `file_removed` or `file_expired` */
export function refuseGone(file: File): File {
  if (!file.purgedAt && file.expiresAt >= new Date()) return file;
  if (file.scan !== 'clean' && file.scan !== 'unscanned' && file.scan !== 'pending')
    throw new Problem('file_removed', `The file ${file.id} was removed: the virus scanner did not find it clean.`);
  throw new Problem('file_expired', `The file ${file.id} has expired.`);
}

/** @throws Problem `file_not_scanned` */
export function refuseUnscanned(file: File): File {
  if (file.scan !== 'pending') return file;
  throw new Problem('file_not_scanned', 'The virus scanner has not looked at this file yet. Try again later.', {
    headers: { 'retry-after': '30' },
  });
}

function notFound(id: string): Problem {
  return new Problem('file_not_found', `There is no file ${id}.`);
}
