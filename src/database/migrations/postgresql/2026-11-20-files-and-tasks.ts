import { Migration } from '@mikro-orm/migrations';

export class FilesAndTasks extends Migration {
  override up(): void {
    this.createFiles();
    this.createTasks();
  }

  private createFiles(): void {
    this.addSql(`
      create table file (
        id uuid not null primary key,
        owner text not null,
        name text not null,
        type text not null,
        extension text not null,
        size bigint not null,
        sha256 text not null,
        created_at timestamptz(3) not null,
        stored_at timestamptz(3) null,
        expires_at timestamptz(3) not null,
        purged_at timestamptz(3) null
      )`);
    this.addSql('create index file_owner on file (owner, id) where stored_at is not null');
    this.addSql('create index file_expiry on file (expires_at) where purged_at is null');
  }

  private createTasks(): void {
    this.addSql(`
      create table task (
        id uuid not null primary key,
        owner text not null,
        tool text not null,
        tool_version text not null,
        status text not null check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
        status_reason text null,
        attempt integer not null,
        max_attempts integer not null,
        priority integer not null,
        available_at timestamptz(3) not null,
        lease_owner text null,
        lease_expires_at timestamptz(3) null,
        progress_ratio double precision not null,
        progress_message text null,
        tag text null,
        options jsonb not null,
        inputs jsonb not null,
        outputs jsonb not null,
        data jsonb null,
        error jsonb null,
        usage jsonb null,
        created_at timestamptz(3) not null,
        started_at timestamptz(3) null,
        finished_at timestamptz(3) null,
        expires_at timestamptz(3) null,
        purged_at timestamptz(3) null
      )`);
    this.addSql('create index task_owner on task (owner, id)');
    this.addSql(`create index task_pending on task (priority desc, id) where status = 'pending'`);
    this.addSql(`create index task_lease on task (lease_expires_at) where status = 'processing'`);
    this.addSql('create index task_expiry on task (expires_at) where purged_at is null');
  }
}
