import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { DatabaseKind } from '../database/database.options.js';
import type { Rows } from '../database/rows.js';
import { Task } from './task.entity.js';
import type { Lease } from './task.store.js';
import { CLAIM_ORDER, indexed } from './task.turn.js';

/** A worker that renews its leases is believed to be alive for so long. */
export const LEASE_MS = 10_000;

/** Clocks of two machines differ, and timers ring a little early: no ring shall be in vain because of that. */
const CLOCKS_DIFFER_MS = 100;

/** Any number, the same in every process: who holds this lock counts what runs, and claims. */
const CLAIM_LOCK = 7_001_967;

/** What a worker can take. */
export interface Claimable {
  /** The tools that it has and that have room for another run there. */
  readonly tools: readonly string[];
  /** Single versions of tools, as `tool@version`, for tasks that were created with just these. */
  readonly pinned?: readonly string[];
  /** How many tasks of one owner may run at the same time, on all workers together. Undefined: any number. */
  readonly userConcurrency?: number | undefined;
}

/** What workers do with rows: take them, keep them, give back those of the dead. Times are those of the database's clock. */
@Injectable()
export class TaskClaims {
  private readonly rows: Rows<Task>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(Task);
  }

  /**
   * Takes the pending task that is next (priority, then the turns of owners, then age) for this worker, or none.
   * One statement, so that no two workers get the same; which task is next is decided here and nowhere else.
   */
  async claim(
    worker: string,
    { tools, pinned = [], userConcurrency }: Claimable,
    now = this.database.now(),
  ): Promise<Task | undefined> {
    if (tools.length + pinned.length === 0) return undefined;
    const limits = userConcurrency === undefined ? [] : [userConcurrency];
    const values = [worker, after(now, LEASE_MS), now, after(now, CLOCKS_DIFFER_MS), ...tools, ...pinned, ...limits];
    const statement = this.claimStatement(toolIs(tools.length, pinned.length), limits.length > 0);
    // Two workers that count at the same moment would both find room for one more.
    const [row] = await (limits.length > 0
      ? this.database.queryAlone(CLAIM_LOCK, statement, values)
      : this.database.query(statement, values));
    return row && this.rows.read(row);
  }

  /** The time by which leases end and waiting tasks may be taken. */
  now(): Date {
    return this.database.now();
  }

  /** Running tasks that this worker owns, but for `known` ones: taken by a claim whose answer never came. */
  async owned(worker: string, known: readonly string[]): Promise<Task[]> {
    const where = { status: 'processing' as const, leaseOwner: worker, id: { $nin: [...known] } };
    return this.database.look((em) => em.find(Task, where, { orderBy: { id: 'asc' } }));
  }

  /** Says that the worker is alive. Answers the ids that are still its own; the others it has lost. */
  async renew(worker: string, ids: readonly string[], now = this.database.now()): Promise<string[]> {
    const rows = await this.database.query(
      `update task set lease_expires_at = ?
        where status = 'processing' and lease_owner = ? and id in (${ids.map(() => '?').join(', ')}) returning id`,
      [after(now, LEASE_MS), worker, ...ids],
    );
    return rows.map(({ id }) => String(id));
  }

  /** Writes how far a running task is. */
  async progress({ id, attempt, leaseOwner }: Lease, ratio: number, message: string | null): Promise<void> {
    const where = { id, attempt, leaseOwner, status: 'processing' as const };
    await this.database.work((em) => em.nativeUpdate(Task, where, { progressRatio: ratio, progressMessage: message }));
  }

  /** Running tasks whose worker has not been heard of, oldest lease first. */
  async lost(limit: number, now = this.database.now()): Promise<Task[]> {
    const where = { status: 'processing' as const, leaseExpiresAt: { $lt: now } };
    return this.database.look((em) => em.find(Task, where, { orderBy: { leaseExpiresAt: 'asc' }, limit }));
  }

  /** Tasks that could be claimed since before `since`, in the order in which they would be. */
  async waiting(since: Date, limit: number): Promise<Task[]> {
    const rows = await this.database.query(
      `select ${this.rows.names} from task ${indexed(this.database.kind, 'task_pending')}
        where status = 'pending' and available_at < ? order by ${CLAIM_ORDER} limit ?`,
      [since, limit],
    );
    return rows.map((row) => this.rows.read(row));
  }

  /** Removes what expired tasks answered and logged; the rows stay as the record of it. Answers how many there were. */
  async purge(now = this.database.now()): Promise<number> {
    await this.database.change(
      'delete from task_log where task_id in (select id from task where expires_at < ? and purged_at is null)',
      [now],
    );
    const where = { expiresAt: { $lt: now }, purgedAt: null };
    return this.database.work((em) => em.nativeUpdate(Task, where, { data: null, options: {}, purgedAt: now }));
  }

  private claimStatement(suits: string, isLimited: boolean): string {
    const { kind } = this.database;
    return `update task
        set status = 'processing', status_reason = null, attempt = attempt + 1, progress_ratio = 0,
            progress_message = null, lease_owner = ?, lease_expires_at = ?, started_at = ?
      where status = 'pending' and id = (
        select id from task ${indexed(kind, 'task_pending')}
         where status = 'pending' and available_at <= ? and ${suits}
           ${isLimited ? `and owner not in (${ownersAtLimit(kind)})` : ''}
         order by ${CLAIM_ORDER} limit 1 ${kind === 'postgresql' ? 'for update skip locked' : ''})
      returning ${this.rows.names}`;
  }
}

function places(count: number): string {
  return Array(count).fill('?').join(', ');
}

/** SQL for tasks whose tool is one of so many, or one of so many in just that version. */
function toolIs(tools: number, pinned: number): string {
  const conditions = [
    ...(tools > 0 ? [`tool in (${places(tools)})`] : []),
    ...(pinned > 0 ? [`tool || '@' || tool_version in (${places(pinned)})`] : []),
  ];
  return `(${conditions.join(' or ')})`;
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
/** SQL for those who have as many tasks running as they may. */
function ownersAtLimit(kind: DatabaseKind): string {
  return `select owner from task ${indexed(kind, 'task_lease')}
           where status = 'processing' group by owner having count(*) >= ?`;
}
