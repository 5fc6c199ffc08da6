import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { File } from './file.entity.js';

/** The rows of files. */
@Injectable()
export class FileStore {
  constructor(private readonly database: Database) {}

  async insert(file: File): Promise<void> {
    await this.database.entities().insert(File, file);
  }

  /** A file whose bytes are whole; perhaps they are already purged. */
  async find(owner: string, id: string): Promise<File | undefined> {
    const where = { id, owner, storedAt: { $ne: null } };
    return (await this.database.entities().findOne(File, where)) ?? undefined;
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(owner: string, limit: number, after?: string): Promise<File[]> {
    const where = { owner, storedAt: { $ne: null }, purgedAt: null, ...(after && { id: { $lt: after } }) };
    return this.database.entities().find(File, where, { orderBy: { id: 'desc' }, limit });
  }

  /** Changes a file that is still being written. False: it was given up meanwhile. */
  async changeUnfinished(id: string, change: Partial<File>): Promise<boolean> {
    const where = { id, storedAt: null, purgedAt: null };
    return (await this.database.entities().nativeUpdate(File, where, change)) === 1;
  }

  /** Puts the expiry off, never forward. */
  async keep(owner: string, ids: readonly string[], until: Date): Promise<void> {
    const where = { id: { $in: [...ids] }, owner, expiresAt: { $lt: until }, purgedAt: null };
    await this.database.entities().nativeUpdate(File, where, { expiresAt: until });
  }

  async remove(id: string): Promise<void> {
    await this.database.entities().nativeDelete(File, { id });
  }

  /** Expired files whose bytes are still there, oldest first. */
  async expired(limit: number, now: Date): Promise<File[]> {
    const where = { expiresAt: { $lt: now }, purgedAt: null };
    return this.database.entities().find(File, where, { orderBy: { expiresAt: 'asc' }, limit });
  }

  /** Takes an expired file out of use, unless its expiry was put off meanwhile. */
  async markPurged({ id }: File, now: Date): Promise<boolean> {
    const where = { id, purgedAt: null, expiresAt: { $lt: now } };
    return (await this.database.entities().nativeUpdate(File, where, { purgedAt: now })) === 1;
  }
}
