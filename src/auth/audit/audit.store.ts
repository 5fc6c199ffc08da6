import { Injectable } from '@nestjs/common';
import type { FilterQuery } from '@mikro-orm/core';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { CHAIN_START, chained, type ChainHead } from './audit.chain.js';
import type { AuditEntry } from './audit.event.js';
import { AuditEvent } from './audit-event.entity.js';

/** Each time another process was faster; more often than this something else is wrong. */
const MOST_TRIES = 50;
const COLUMNS = 'seq, id, at, action, outcome, actor_id, object, address, request_id, details, hash';
const PLACES = `(${COLUMNS.replaceAll(/\w+/g, '?')})`;

/** What a list of events can be narrowed to; times are included. */
export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly object?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** The rows of the audit log. */
@Injectable()
export class AuditStore {
  private readonly rows: Rows<AuditEvent>;
  /** Where this process believes the end to be; others may have gone on. */
  private believed: ChainHead | undefined;

  constructor(private readonly database: Database) {
    this.rows = database.rows(AuditEvent);
  }

  /**
   * Chains the entries to the end, all in one statement and without a lock: `seq` is the primary key, so of two
   * processes that found the same end one succeeds, and the other looks again. One append at a time in a process.
   */
  async append(entries: readonly AuditEntry[]): Promise<void> {
    let missing = entries;
    for (let tries = 1; missing.length > 0; tries++) {
      try {
        await this.insert(missing);
        return;
      } catch (error) {
        this.believed = undefined;
        if (!isConflict(error) || tries === MOST_TRIES) throw error;
        missing = await this.notWritten(missing);
      }
    }
  }

  /** The last row; the start when there is none. */
  async head(): Promise<ChainHead> {
    const [row] = await this.database.query('select seq, hash from audit_event order by seq desc limit 1', []);
    return row ? { seq: Number(row['seq']), hash: String(row['hash']) } : CHAIN_START;
  }

  /** In the order of the chain. */
  async after(seq: number, limit: number): Promise<AuditEvent[]> {
    const rows = await this.database.query('select * from audit_event where seq > ? order by seq limit ?', [
      seq,
      limit,
    ]);
    return rows.map((row) => this.rows.read(row));
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(
    { action, actor, object, since, until }: AuditFilter,
    limit: number,
    after?: string,
  ): Promise<AuditEvent[]> {
    const where: FilterQuery<AuditEvent> = {
      ...(action !== undefined && { action }),
      ...(actor !== undefined && { actorId: actor }),
      ...(object !== undefined && { object }),
      at: { ...(since && { $gte: since }), ...(until && { $lte: until }) },
      ...(after && { seq: { $lt: await this.seqOf(after) } }),
    };
    return this.database.look((em) => em.find(AuditEvent, where, { orderBy: { seq: 'desc' }, limit }));
  }

  private async seqOf(id: string): Promise<number> {
    return (await this.rows.find('id = ?', [id]))?.seq ?? 0;
  }

  private async insert(entries: readonly AuditEntry[]): Promise<void> {
    let head = this.believed ?? (await this.head());
    const values = entries.flatMap((entry) => {
      head = chained(head, entry);
      const { id, at, action, outcome, actorId, object, address, requestId, details } = entry;
      return [head.seq, id, at, action, outcome, actorId, object, address, requestId, details, head.hash];
    });
    const statement = `insert into audit_event (${COLUMNS}) values ${entries.map(() => PLACES).join(', ')}`;
    await this.database.change(statement, values);
    this.believed = head;
  }

  /** A statement that was given up may have been carried out after all: what is there is not written twice. */
  private async notWritten(entries: readonly AuditEntry[]): Promise<AuditEntry[]> {
    const places = entries.map(() => '?').join(', ');
    const ids = entries.map(({ id }) => id);
    const rows = await this.database.query(`select id from audit_event where id in (${places})`, ids);
    const written = new Set(rows.map((row) => String(row['id'])));
    return entries.filter(({ id }) => !written.has(id));
  }
}

/** What both drivers say when a key is taken. */
function isConflict(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === '23505' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
}
