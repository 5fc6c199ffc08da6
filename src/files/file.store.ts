import { Injectable } from '@nestjs/common';
import type { Actor } from '../auth/actor.js';
import { sharedWith } from '../auth/sharing/share.store.js';
import { Database } from '../database/database.js';
import type { Rows, Statement } from '../database/rows.js';
import { File } from './file.entity.js';

const UNFINISHED = 'id = ? and stored_at is null and purged_at is null';

/** The rows of files. */
@Injectable()
export class FileStore {
  private readonly rows: Rows<File>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(File);
  }

  insert(file: File): Promise<void> {
    return this.rows.insert(file);
  }

  /** A file of anybody whose bytes are whole; perhaps they are already purged. Who may see it is for FileAccess. */
  find(id: string): Promise<File | undefined> {
    return this.rows.find('id = ? and stored_at is not null', [id]);
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(owner: string, limit: number, after?: string): Promise<File[]> {
    const where = { owner, storedAt: { $ne: null }, purgedAt: null, ...(after && { id: { $lt: after } }) };
    return this.database.look((em) => em.find(File, where, { orderBy: { id: 'desc' }, limit }));
  }

  /** The ids from `first` to `last`, written to the end or not. */
  async between(owner: string, first: string, last: string): Promise<string[]> {
    const statement = 'select id from file where id >= ? and id <= ? and owner = ?';
    const rows = await this.database.query(statement, [first, last, owner]);
    return rows.map(({ id }) => String(id));
  }

  /** Files of others that the actor may read because they are shared; newest first. */
  async shared(actor: Actor, limit: number, after?: string): Promise<File[]> {
    const { condition, values } = sharedWith(actor, 'file');
    const rows = await this.database.query(
      `select ${this.rows.names} from file where stored_at is not null and purged_at is null and ${condition}
         ${after === undefined ? '' : 'and id < ?'} order by id desc limit ?`,
      [...values, ...(after === undefined ? [] : [after]), limit],
    );
    return rows.map((row) => this.rows.read(row));
  }

  /** Changes a file that is still being written. False: it was given up meanwhile. */
  async changeUnfinished(id: string, change: Partial<File>): Promise<boolean> {
    return (await this.rows.update(change, UNFINISHED, [id])) === 1;
  }

  /** The statement that makes whole what was being written; it changes nothing when it was given up meanwhile. */
  finishing(id: string, change: Partial<File>): Statement {
    return this.rows.updating(change, UNFINISHED, [id]);
  }

  /** Puts the expiry off, never forward. */
  async keep(owner: string, ids: readonly string[], until: Date): Promise<void> {
    const where = { id: { $in: [...ids] }, owner, expiresAt: { $lt: until }, purgedAt: null };
    await this.database.work((em) => em.nativeUpdate(File, where, { expiresAt: until }));
  }

  /** Puts the expiry of usable files off, never forward. False: one of them is gone. */
  async keepAll(owner: string, ids: readonly string[], until: Date): Promise<boolean> {
    const latest = 'case when expires_at < ? then ? else expires_at end';
    const statement = `update file set expires_at = ${latest} where owner = ? and ${usable(ids)}`;
    return (await this.database.change(statement, [until, until, owner, ...ids, new Date()])) === ids.length;
  }

  async areThere(ids: readonly string[]): Promise<boolean> {
    const statement = `select count(*) as count from file where ${usable(ids)}`;
    const [row] = await this.database.query(statement, [...ids, new Date()]);
    return Number(row?.['count']) === ids.length;
  }

  /** Files that wait for the virus scanner, oldest first; `after` is the id of the last row of the page before. */
  async unscanned(limit: number, after?: string): Promise<File[]> {
    const where = {
      scan: 'pending' as const,
      purgedAt: null,
      storedAt: { $ne: null },
      ...(after && { id: { $gt: after } }),
    };
    return this.database.look((em) => em.find(File, where, { orderBy: { id: 'asc' }, limit }));
  }

  async markClean(id: string): Promise<void> {
    await this.rows.update({ scan: 'clean' }, `id = ? and scan = 'pending'`, [id]);
  }

  /** Takes a file out of use that the scanner did not find clean. False: somebody else has settled it. */
  async refuse(id: string, scan: File['scan'], now: Date): Promise<boolean> {
    const condition = `id = ? and scan = 'pending' and purged_at is null`;
    return (await this.rows.update({ scan, purgedAt: now }, condition, [id])) === 1;
  }

  async remove(id: string): Promise<void> {
    await this.database.work((em) => em.nativeDelete(File, { id }));
  }

  /** Expired files whose bytes are still there, oldest first. */
  async expired(limit: number, now: Date): Promise<File[]> {
    const where = { expiresAt: { $lt: now }, purgedAt: null };
    return this.database.look((em) => em.find(File, where, { orderBy: { expiresAt: 'asc' }, limit }));
  }

  /** Files that are out of use, but perhaps not yet without bytes. */
  async purgedWithBytes(limit: number): Promise<File[]> {
    const where = { purgedAt: { $ne: null }, bytesGoneAt: null };
    return this.database.look((em) => em.find(File, where, { orderBy: { purgedAt: 'asc' }, limit }));
  }

  async markBytesGone({ id }: File, now: Date): Promise<void> {
    await this.rows.update({ bytesGoneAt: now }, 'id = ?', [id]);
  }

  /** Takes an expired file out of use, unless its expiry was put off meanwhile. */
  async markPurged({ id }: File, now: Date): Promise<boolean> {
    const where = { id, purgedAt: null, expiresAt: { $lt: now } };
    return (await this.database.work((em) => em.nativeUpdate(File, where, { purgedAt: now }))) === 1;
  }
}

/** SQL for those of these ids that anybody may have now. Its values are the ids and the time. */
function usable(ids: readonly string[]): string {
  return `id in (${ids.map(() => '?').join(', ')}) and stored_at is not null and purged_at is null and expires_at > ?
    and scan in ('clean', 'unscanned')`;
}
