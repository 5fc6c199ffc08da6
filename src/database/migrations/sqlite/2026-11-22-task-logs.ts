import { Migration } from '@mikro-orm/migrations';

/** Lines that tools write for whoever has asked for the task. */
export class TaskLogs extends Migration {
  override up(): void {
    this.addSql(`
      create table task_log (
        task_id text not null references task (id) on delete cascade,
        number integer not null,
        attempt integer not null,
        at datetime not null,
        level text not null,
        message text not null,
        primary key (task_id, number)
      ) without rowid`);
  }
}
