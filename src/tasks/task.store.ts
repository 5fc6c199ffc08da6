import { Injectable } from '@nestjs/common';
import type { Actor } from '../auth/actor.js';
import { sharedWith } from '../auth/sharing/share.store.js';
import { Database } from '../database/database.js';
import type { Rows, Statement } from '../database/rows.js';
import { sizeOf, Task, type TaskFile } from './task.entity.js';
import { statusesBefore, type TaskStatus } from './task.status.js';
import { indexed, newTurn, turnValues } from './task.turn.js';

/** Who moves a running task: the worker, and the attempt that it was given. Anybody else changes nothing. */
export interface Lease {
  readonly id: string;
  readonly attempt: number;
  readonly leaseOwner: string;
}

/** The exact place in a longer line tells nobody anything. */
export const MOST_COUNTED = 1_000;

export type TaskChange = Partial<Omit<Task, 'id' | 'owner' | 'status' | 'createdAt'>>;

/** What a list can be narrowed to. */
export interface TaskFilter {
  /** Any of these; none: nothing is found. */
  readonly statuses?: readonly TaskStatus[] | undefined;
  readonly tool?: string | undefined;
  readonly tag?: string | undefined;
  /** Included. */
  readonly createdAfter?: Date | undefined;
  /** Not included. */
  readonly createdBefore?: Date | undefined;
}

/** SQL with its values. */
interface Condition {
  readonly condition: string;
  readonly values: readonly unknown[];
}

/** The rows of tasks: single statements, each of which either happens whole or not at all. */
@Injectable()
export class TaskStore {
  private readonly rows: Rows<Task>;
  private readonly insertion: (task: Task, values: readonly unknown[]) => Statement;

  constructor(private readonly database: Database) {
    this.rows = database.rows(Task);
    this.insertion = this.rows.inserter({ turn: newTurn(database.kind) });
  }

  /** The time that stands in rows: the same for all processes. */
  now(): Date {
    return this.database.now();
  }

  /**
   * The task gets the next turn of its owner; see task.turn.ts.
   *
   * @param alongside statements that belong to it; when one of them changes nothing, there is no task, and the answer is false
   */
  async insert(task: Task, ...alongside: readonly Statement[]): Promise<boolean> {
    const insertion = this.insertion(task, turnValues(task));
    if (alongside.length > 0) return this.database.together([...alongside, insertion]);
    await this.database.change(insertion.text, insertion.values);
    return true;
  }

  /** A task of anybody. Who may see it is for TaskAccess. */
  find(id: string): Promise<Task | undefined> {
    return this.rows.find('id = ?', [id]);
  }

  /** Newest first; `after` is the id of the last row of the page before. */
  async list(owner: string, filter: TaskFilter, limit: number, after?: string): Promise<Task[]> {
    return this.page([{ condition: 'owner = ?', values: [owner] }, ...conditionsOf(filter)], limit, after);
  }

  /** Only their ids: the data of a task can be large. */
  async listIds(owner: string, filter: TaskFilter, limit: number): Promise<string[]> {
    const { where, values } = together([{ condition: 'owner = ?', values: [owner] }, ...conditionsOf(filter)]);
    const rows = await this.database.query(`select id from task where ${where} order by id desc limit ?`, [
      ...values,
      limit,
    ]);
    return rows.map(({ id }) => String(id));
  }

  /** Tasks of others that the actor may read because they are shared; newest first. */
  async shared(actor: Actor, filter: TaskFilter, limit: number, after?: string): Promise<Task[]> {
    return this.page([sharedWith(actor, 'task'), ...conditionsOf(filter)], limit, after);
  }

  /** How many pending tasks a worker would take before this one; at most 1000 are counted, because clients ask often. */
  async position({ priority, id }: Task): Promise<number> {
    const turn = '(select turn from task where id = ?)';
    const [row] = await this.database.query(
      `select count(*) as position from (
         select 1 from task ${indexed(this.database.kind, 'task_pending')}
          where status = 'pending' and (priority > ? or (priority = ? and (turn, id) < (${turn}, ?)))
          limit ${MOST_COUNTED}) as before`,
      [priority, priority, id, id],
    );
    return Number(row?.['position']);
  }

  /** How many tasks wait. With 100 000 of them SQLite takes 1.5 ms to count. */
  async countPending(): Promise<number> {
    const from = `task ${indexed(this.database.kind, 'task_pending')}`;
    const [row] = await this.database.query(`select count(*) as waiting from ${from} where status = 'pending'`, []);
    return Number(row?.['waiting']);
  }

  /** Whether so many tasks of the owner wait. */
  async hasPending(owner: string, count: number): Promise<boolean> {
    const rows = await this.database.query(
      `select 1 from task ${indexed(this.database.kind, 'task_turn')}
        where status = 'pending' and owner = ? limit 1 offset ?`,
      [owner, count - 1],
    );
    return rows.length > 0;
  }

  /**
   * Moves a task of `owner` in one statement that also checks where it stands, so that of two only one can win.
   * False: the step is not allowed from where the task is.
   */
  async move(owner: string, id: string, to: TaskStatus, change: TaskChange): Promise<boolean> {
    const from = statusesBefore(to);
    const condition = `id = ? and owner = ? and status in (${from.map(() => '?').join(', ')})`;
    return (await this.rows.update({ ...change, status: to }, condition, [id, owner, ...from])) === 1;
  }

  /** Moves a running task on behalf of the worker that holds its lease. False: it holds it no more. */
  async settle({ id, attempt, leaseOwner }: Lease, to: TaskStatus, change: TaskChange): Promise<boolean> {
    const settled = { ...change, status: to, leaseOwner: null, leaseExpiresAt: null };
    const condition = `id = ? and attempt = ? and lease_owner = ? and status = 'processing'`;
    return (await this.rows.update(settled, condition, [id, attempt, leaseOwner])) === 1;
  }

  /** Writes down inputs that were fetched. False: the worker holds the lease no more. */
  async supply({ id, attempt, leaseOwner }: Lease, inputs: TaskFile[]): Promise<boolean> {
    const condition = `id = ? and attempt = ? and lease_owner = ? and status = 'processing'`;
    const change = { inputs, inputBytes: sizeOf(inputs), sources: null };
    return (await this.rows.update(change, condition, [id, attempt, leaseOwner])) === 1;
  }

  /**
   * Whether the row is as this very settlement left it. For whoever does not know, because the answer never came; the
   * moment in the change tells it from those of others.
   */
  async isSettled({ id, attempt }: Lease, to: TaskStatus, { finishedAt, availableAt }: TaskChange): Promise<boolean> {
    const condition = 'id = ? and attempt = ? and status = ? and (finished_at = ? or available_at = ?)';
    return (await this.rows.find(condition, [id, attempt, to, finishedAt ?? null, availableAt ?? null])) !== undefined;
  }

  /** Ids of tasks whose results expire after `since`, and not after `until`: an index alone answers it. */
  async expiring(since: Date, until: Date, limit: number): Promise<string[]> {
    const rows = await this.database.query(
      `select id from task ${indexed(this.database.kind, 'task_expiry')}
        where purged_at is null and expires_at > ? and expires_at <= ? order by expires_at limit ?`,
      [since, until, limit],
    );
    return rows.map(({ id }) => String(id));
  }

  /** Ids of tasks of the owner that have not finished, or not before `since`; newest first. */
  async recent(owner: string, since: Date, limit: number): Promise<string[]> {
    const rows = await this.database.query(
      `select id from task ${indexed(this.database.kind, 'task_owner')}
        where owner = ? and (finished_at is null or finished_at >= ?) order by id desc limit ?`,
      [owner, since, limit],
    );
    return rows.map(({ id }) => String(id));
  }

  /**
   * The outputs that no other task of the owner has: one with a cached result has those of the task that made it, all of
   * them. However many such tasks there are, none of them is read.
   */
  async outputsOfItsOwn({ id, owner, cacheKey, outputs }: Task): Promise<TaskFile[]> {
    const [first] = outputs;
    if (cacheKey === null || !first) return outputs;
    const others = await this.database.query(
      `select 1 from task ${indexed(this.database.kind, 'task_cache')}
        where status = 'completed' and cache_key is not null and purged_at is null
          and cache_key = ? and owner = ? and id <> ? and cast(outputs as text) like ? limit 1`,
      [cacheKey, owner, id, `%${first.file_id}%`],
    );
    return others.length > 0 ? [] : outputs;
  }

  async remove(owner: string, id: string): Promise<boolean> {
    return (await this.database.work((em) => em.nativeDelete(Task, { id, owner }))) === 1;
  }

  private async page(conditions: readonly Condition[], limit: number, after?: string): Promise<Task[]> {
    const all = after === undefined ? conditions : [...conditions, { condition: 'id < ?', values: [after] }];
    const { where, values } = together(all);
    const rows = await this.database.query(
      `select ${this.rows.names} from task where ${where} order by id desc limit ?`,
      [...values, limit],
    );
    return rows.map((row) => this.rows.read(row));
  }
}

function conditionsOf({ statuses, tool, tag, createdAfter, createdBefore }: TaskFilter): Condition[] {
  const given: [string, unknown][] = [
    ['tool = ?', tool],
    ['tag = ?', tag],
    ['created_at >= ?', createdAfter],
    ['created_at < ?', createdBefore],
  ];
  const conditions = given.filter(([, value]) => value !== undefined);
  return [
    ...(statuses ? [{ condition: anyOf('status', statuses.length), values: statuses }] : []),
    ...conditions.map(([condition, value]) => ({ condition, values: [value] })),
  ];
}

function together(conditions: readonly Condition[]): { readonly where: string; readonly values: readonly unknown[] } {
  return {
    where: conditions.map(({ condition }) => condition).join(' and '),
    values: conditions.flatMap(({ values }) => values),
  };
}

function anyOf(column: string, values: number): string {
  return values === 0 ? '1 = 0' : `${column} in (${Array(values).fill('?').join(', ')})`;
}
