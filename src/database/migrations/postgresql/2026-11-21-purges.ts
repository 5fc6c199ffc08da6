import { Migration } from '@mikro-orm/migrations';

/** A file is taken out of use first, and loses its bytes afterwards; a process can die in between. */
export class Purges extends Migration {
  override up(): void {
    this.addSql('alter table file add column bytes_gone_at timestamptz(3) null');
    this.addSql('update file set bytes_gone_at = purged_at where purged_at is not null');
    this.addSql('create index file_bytes on file (purged_at) where purged_at is not null and bytes_gone_at is null');
  }
}
