import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import type { Statement } from '../database/rows.js';
import type { QuotaUse } from '../errors/problem.js';
import { FileQuota } from '../files/file.quota.js';
import { dayOf, quotaExceeded } from '../limits/quota.js';

const UNFINISHED = `(select count(*) from task where status = 'pending' and owner = ?)
  + (select count(*) from task where status = 'processing' and owner = ?)`;

const MOST_TASKS = 2_000_000_000;

/**
 * How many tasks one owner may create a day (UTC) and have unfinished. Each creation changes the owner's row in its own
 * transaction, which puts them in a line, so the limits are never exceeded; deleting a task gives none back.
 */
@Injectable()
export class TaskQuota {
  constructor(
    private readonly database: Database,
    private readonly files: FileQuota,
    private readonly config: Config,
  ) {}

  async uses(owner: string): Promise<QuotaUse[]> {
    const { day, until } = dayOf(this.database.now());
    const [row] = await this.database.query(
      `select (select tasks from task_quota where owner = ? and day = ?) as today, ${UNFINISHED} as unfinished`,
      [owner, day, owner, owner],
    );
    const [today, unfinished] = [Number(row?.['today'] ?? 0), Number(row?.['unfinished'])];
    return [
      { quota: 'tasks_per_day', limit: this.config.QUOTA_TASKS_PER_DAY, used: today, until },
      { quota: 'unfinished_tasks', limit: this.config.QUOTA_UNFINISHED_TASKS, used: unfinished, until: null },
    ];
  }

  /** Also when there is no room for a result. @throws Problem `quota_exceeded` or `storage_quota_exceeded` */
  async refuseWhenUsedUp(owner: string): Promise<void> {
    await this.files.room(owner);
    if (!this.isLimited()) return;
    const usedUp = (await this.uses(owner)).find(({ limit, used }) => limit > 0 && used >= limit);
    if (usedUp) throw quotaExceeded(usedUp);
  }

  /** What counts a new task, in the transaction that creates it. Changes nothing when the owner may have no more. */
  counting(owner: string): Statement[] {
    if (!this.isLimited()) return [];
    const { QUOTA_TASKS_PER_DAY, QUOTA_UNFINISHED_TASKS } = this.config;
    const { day } = dayOf(this.database.now());
    const most = QUOTA_TASKS_PER_DAY === 0 ? MOST_TASKS : QUOTA_TASKS_PER_DAY;
    const count = {
      text: `insert into task_quota (owner, day, tasks) values (?, ?, 1)
              on conflict (owner) do update
                set tasks = case when task_quota.day = excluded.day then task_quota.tasks + 1 else 1 end,
                    day = excluded.day
              where task_quota.day <> excluded.day or task_quota.tasks < ?`,
      values: [owner, day, most],
    };
    if (QUOTA_UNFINISHED_TASKS === 0) return [count];
    // A statement of its own: on PostgreSQL it sees what was done while the one before waited for its turn.
    const check = {
      text: `update task_quota set day = day where owner = ? and ${UNFINISHED} < ?`,
      values: [owner, owner, owner, QUOTA_UNFINISHED_TASKS],
    };
    return [count, check];
  }

  private isLimited(): boolean {
    return this.config.QUOTA_TASKS_PER_DAY > 0 || this.config.QUOTA_UNFINISHED_TASKS > 0;
  }
}
