import { Migration } from '@mikro-orm/migrations';

/** Uploads that are sent in pieces. The row stays for a while after the bytes, to say what became of them. */
export class Uploads extends Migration {
  override up(): void {
    this.addSql(`
      create table upload (
        id text not null primary key,
        owner text not null,
        length integer not null,
        metadata text not null,
        created_at datetime not null,
        expires_at datetime not null,
        unverified_from integer null,
        lease_owner text null,
        lease_expires_at datetime null
      ) without rowid`);
    this.addSql('create index upload_owner on upload (owner)');
    this.addSql('create index upload_expiry on upload (expires_at)');
  }
}
