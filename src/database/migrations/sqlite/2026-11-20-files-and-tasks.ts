import { Migration } from '@mikro-orm/migrations';

/** Times are milliseconds since 1970, UTC, as MikroORM stores dates in SQLite. */
export class FilesAndTasks extends Migration {
  override up(): void {
    this.createFiles();
    this.createTasks();
  }

  private createFiles(): void {
    this.addSql(`
      create table file (
        id text not null primary key,
        owner text not null,
        name text not null,
        type text not null,
        extension text not null,
        size integer not null,
        sha256 text not null,
        created_at datetime not null,
        stored_at datetime null,
        expires_at datetime not null,
        purged_at datetime null
      ) without rowid`);
    this.addSql('create index file_owner on file (owner, id) where stored_at is not null');
    this.addSql('create index file_expiry on file (expires_at) where purged_at is null');
  }

  private createTasks(): void {
    this.addSql(`
      create table task (
        id text not null primary key,
        owner text not null,
        tool text not null,
        tool_version text not null,
        status text not null check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
        status_reason text null,
        attempt integer not null,
        max_attempts integer not null,
        priority integer not null,
        available_at datetime not null,
        lease_owner text null,
        lease_expires_at datetime null,
        progress_ratio real not null,
        progress_message text null,
        tag text null,
        options json not null,
        inputs json not null,
        outputs json not null,
        data json null,
        error json null,
        usage json null,
        created_at datetime not null,
        started_at datetime null,
        finished_at datetime null,
        expires_at datetime null,
        purged_at datetime null
      ) without rowid`);
    this.addSql('create index task_owner on task (owner, id)');
    this.addSql(`create index task_pending on task (priority desc, id) where status = 'pending'`);
    this.addSql(`create index task_lease on task (lease_expires_at) where status = 'processing'`);
    this.addSql('create index task_expiry on task (expires_at) where purged_at is null');
  }
}
