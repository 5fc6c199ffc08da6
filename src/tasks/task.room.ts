import { Injectable } from '@nestjs/common';
import type { Statement } from '../database/rows.js';
import { Backlog } from './task.backlog.js';
import { TaskQuota } from './task.quota.js';

/** Whether there is room for one more task: in the line of all, and within what its owner may have. */
@Injectable()
export class TaskRoom {
  constructor(
    private readonly backlog: Backlog,
    private readonly quota: TaskQuota,
  ) {}

  /** @throws Problem `queue_full`, `quota_exceeded` or `storage_quota_exceeded` */
  async refuseWhenNone(owner: string): Promise<void> {
    await this.backlog.refuseWhenFull(owner);
    await this.quota.refuseWhenUsedUp(owner);
  }

  /** What counts a new task, in the transaction that creates it; see TaskQuota. */
  counting(owner: string): Statement[] {
    return this.quota.counting(owner);
  }
}
