import { Migration } from '@mikro-orm/migrations';

/** The keys that clients give to requests, and what such a request was answered. */
export class IdempotencyKeys extends Migration {
  override up(): void {
    this.addSql(`
      create table idempotency (
        owner text not null,
        idempotency_key text not null,
        attempt text not null,
        lease_expires_at datetime not null,
        expires_at datetime not null,
        fingerprint text null,
        answer text null,
        primary key (owner, idempotency_key)
      ) without rowid`);
    this.addSql('create index idempotency_expiry on idempotency (expires_at)');
  }
}
