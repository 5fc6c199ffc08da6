import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import type { Statement } from '../database/rows.js';
import type { Problem, QuotaUse } from '../errors/problem.js';
import { quotaExceeded } from '../limits/quota.js';

/** Locks of PostgreSQL are numbers; ours for owners begin here. */
const FIRST_LOCK = 2 ** 33;

const STORED = 'from file where owner = ? and stored_at is not null and purged_at is null';

/** What an owner may still store. Undefined: as much as there is room. */
export interface FileRoom {
  readonly bytes: number;
  /** To be thrown when more than these bytes come. */
  readonly exceeded: () => Problem;
}

/**
 * How much one owner may have stored: what was uploaded and what tools made. An upload is refused before its first byte
 * when there is no room, and cut off where the room ends; whether it still fits is decided once more, in the statement
 * that makes it a file, for one upload of an owner after the other. So the limits are never exceeded by uploads. Results
 * of tools count, but are not refused: the work is done.
 */
@Injectable()
export class FileQuota {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  async uses(owner: string): Promise<QuotaUse[]> {
    const [row] = await this.database.query(`select count(*) as files, coalesce(sum(size), 0) as bytes ${STORED}`, [
      owner,
    ]);
    return [
      { quota: 'stored_bytes', limit: this.config.QUOTA_BYTES, used: Number(row?.['bytes']), until: null },
      { quota: 'files', limit: this.config.QUOTA_FILES, used: Number(row?.['files']), until: null },
    ];
  }

  /** @throws Problem `storage_quota_exceeded` when there is none */
  async room(owner: string): Promise<FileRoom | undefined> {
    if (!this.isLimited()) return undefined;
    const uses = await this.uses(owner);
    const full = uses.find(({ limit, used }) => limit > 0 && used >= limit);
    if (full) throw quotaExceeded(full);
    const [bytes] = uses;
    if (!bytes || bytes.limit === 0) return undefined;
    return { bytes: bytes.limit - bytes.used, exceeded: () => quotaExceeded(bytes) };
  }

  /** Carries out the statement, which must end in a condition, if so many more bytes of one more file fit. */
  async changeIfFits(owner: string, bytes: number, { text, values }: Statement): Promise<boolean> {
    if (!this.isLimited()) return (await this.database.change(text, values)) === 1;
    const { QUOTA_BYTES, QUOTA_FILES } = this.config;
    const conditions = [text];
    const all = [...values];
    if (QUOTA_BYTES > 0) {
      conditions.push(`(select coalesce(sum(size), 0) ${STORED}) + ? <= ?`);
      all.push(owner, bytes, QUOTA_BYTES);
    }
    if (QUOTA_FILES > 0) {
      conditions.push(`(select count(*) ${STORED}) < ?`);
      all.push(owner, QUOTA_FILES);
    }
    const statement = `${conditions.join(' and ')} returning id`;
    return (await this.database.queryAlone(lockOf(owner), statement, all)).length === 1;
  }

  private isLimited(): boolean {
    return this.config.QUOTA_BYTES > 0 || this.config.QUOTA_FILES > 0;
  }
}

function lockOf(owner: string): number {
  return FIRST_LOCK + Number.parseInt(hash('sha256', owner).slice(0, 8), 16);
}
