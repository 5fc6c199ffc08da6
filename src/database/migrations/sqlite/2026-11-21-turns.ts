import { Migration } from '@mikro-orm/migrations';

/** The turns of owners, and how many workers a task has killed. Older tasks get the priority that is usual now. */
export class Turns extends Migration {
  override up(): void {
    this.addSql('alter table task add column turn integer not null default 0');
    this.addSql('alter table task add column deaths integer not null default 0');
    this.addSql('update task set priority = 5 where priority = 0');
    this.addSql('drop index task_pending');
    this.addSql(`create index task_pending on task (priority desc, turn, id) where status = 'pending'`);
    this.addSql(`create index task_turn on task (owner, priority, turn) where status = 'pending'`);
    this.addSql('create index task_round on task (priority, turn) where started_at is not null');
    // Without the tasks that are not finished, which pays for one of the new indexes.
    this.addSql('drop index task_expiry');
    this.addSql('create index task_expiry on task (expires_at) where purged_at is null and expires_at is not null');
  }
}
