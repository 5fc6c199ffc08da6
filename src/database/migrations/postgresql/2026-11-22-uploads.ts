import { Migration } from '@mikro-orm/migrations';

/** Uploads that are sent in pieces. The row stays for a while after the bytes, to say what became of them. */
export class Uploads extends Migration {
  override up(): void {
    this.addSql(`
      create table upload (
        id uuid not null primary key,
        owner text not null,
        length bigint not null,
        metadata jsonb not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        unverified_from bigint null,
        lease_owner uuid null,
        lease_expires_at timestamptz(3) null
      )`);
    this.addSql('create index upload_owner on upload (owner)');
    this.addSql('create index upload_expiry on upload (expires_at)');
  }
}
