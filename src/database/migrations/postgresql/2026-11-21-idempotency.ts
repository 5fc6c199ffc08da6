import { Migration } from '@mikro-orm/migrations';

/** The keys that clients give to requests, and what such a request was answered. */
export class IdempotencyKeys extends Migration {
  override up(): void {
    this.addSql(`
      create table idempotency (
        owner text not null,
        idempotency_key text not null,
        attempt uuid not null,
        lease_expires_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        fingerprint text null,
        answer text null,
        primary key (owner, idempotency_key)
      )`);
    this.addSql('create index idempotency_expiry on idempotency (expires_at)');
  }
}
