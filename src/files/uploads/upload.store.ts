import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { File } from '../file.entity.js';
import { ResumableUpload } from './upload.entity.js';

/** An upload, and the file that it becomes or is. */
export interface UploadWithFile {
  readonly upload: ResumableUpload;
  /** Undefined: it was given up. */
  readonly file: File | undefined;
}

/** What an owner has begun and not finished. */
export interface Begun {
  readonly uploads: number;
  /** All that they shall have. */
  readonly bytes: number;
}

/** The rows of uploads that come in pieces. */
@Injectable()
export class UploadStore {
  private readonly rows: Rows<ResumableUpload>;
  private readonly files: Rows<File>;
  private readonly insertion: ReturnType<Rows<ResumableUpload>['inserter']>;
  private readonly insertionOfFile: ReturnType<Rows<File>['inserter']>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(ResumableUpload);
    this.files = database.rows(File);
    this.insertion = this.rows.inserter({});
    this.insertionOfFile = this.files.inserter({});
  }

  async insert(upload: ResumableUpload, file: File): Promise<void> {
    await this.database.together([this.insertionOfFile(file, []), this.insertion(upload, [])]);
  }

  async find(id: string): Promise<UploadWithFile | undefined> {
    const upload = await this.rows.find('id = ?', [id]);
    return upload && { upload, file: await this.files.find('id = ?', [id]) };
  }

  async begun(owner: string): Promise<Begun> {
    const [row] = await this.database.query(
      `select count(*) as uploads, coalesce(sum(upload.length), 0) as bytes from upload join file on file.id = upload.id
         where upload.owner = ? and file.stored_at is null and file.purged_at is null`,
      [owner],
    );
    return { uploads: Number(row?.['uploads']), bytes: Number(row?.['bytes']) };
  }

  /** Puts the expiry off. False: it was given up meanwhile. */
  async renew(id: string, expiresAt: Date): Promise<boolean> {
    const condition = 'id = ? and stored_at is null and purged_at is null';
    if ((await this.files.update({ expiresAt }, condition, [id])) === 0) return false;
    await this.rows.update({ expiresAt }, 'id = ?', [id]);
    return true;
  }

  async markUnverified(id: string, unverifiedFrom: number | null): Promise<void> {
    await this.rows.update({ unverifiedFrom }, 'id = ?', [id]);
  }

  /** Takes or keeps the lease. False: somebody else has it. */
  async lease(id: string, leaseOwner: string, leaseMs: number): Promise<boolean> {
    const now = this.database.now();
    const change = { leaseOwner, leaseExpiresAt: new Date(now.getTime() + leaseMs) };
    const condition = 'id = ? and (lease_owner is null or lease_owner = ? or lease_expires_at < ?)';
    if ((await this.rows.update(change, condition, [id, leaseOwner, now])) === 1) return true;
    return (await this.rows.find('id = ?', [id])) === undefined;
  }

  async release(id: string, leaseOwner: string): Promise<void> {
    await this.rows.update({ leaseOwner: null, leaseExpiresAt: null }, 'id = ? and lease_owner = ?', [id, leaseOwner]);
  }

  async remove(id: string): Promise<void> {
    await this.database.change('delete from upload where id = ?', [id]);
  }

  /** Forgets what ended before that moment. */
  async purge(before: Date): Promise<void> {
    await this.database.change('delete from upload where expires_at < ?', [before]);
  }
}
