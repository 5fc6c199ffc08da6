import { Migration } from '@mikro-orm/migrations';

/** What each owner has used, where it cannot be counted cheaply from the rows themselves. */
export class Quotas extends Migration {
  override up(): void {
    this.addSql(`
      create table task_quota (
        owner text not null primary key,
        day text not null,
        tasks integer not null
      ) without rowid`);
    this.addSql('create index file_usage on file (owner, size) where stored_at is not null and purged_at is null');
  }
}
