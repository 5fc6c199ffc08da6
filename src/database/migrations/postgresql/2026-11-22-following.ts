import { Migration } from '@mikro-orm/migrations';

/** What a run was made with, by which its result is found again; how long runs take; and which workers are alive. */
export class Following extends Migration {
  override up(): void {
    this.addSql('alter table task add column cache_key text null');
    this.addSql('alter table task add column cache_hit boolean not null default false');
    this.addSql('alter table task add column retry_of uuid null');
    this.addSql('alter table task add column tool_hash text null');
    this.addSql('alter table task add column limits jsonb null');
    this.addSql('alter table task add column input_bytes bigint null default 0');
    this.addSql(
      `create index task_cache on task (cache_key, owner, id)
        where status = 'completed' and cache_key is not null and purged_at is null`,
    );
    this.addSql(`
      create table run_time (
        tool text not null,
        size_class integer not null,
        time_class integer not null,
        runs double precision not null,
        primary key (tool, size_class, time_class)
      )`);
    this.addSql(`
      create table worker (
        id text not null primary key,
        concurrency integer not null,
        seen_at timestamptz(3) not null
      )`);
  }
}
