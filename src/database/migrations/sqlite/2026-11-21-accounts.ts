import { Migration } from '@mikro-orm/migrations';

/** Users, their sessions and keys. What is secret stands here as a hash. */
export class Accounts extends Migration {
  override up(): void {
    this.createAccounts();
    this.createSessions();
    this.createApiKeys();
  }

  private createAccounts(): void {
    this.addSql(`
      create table account (
        id text not null primary key,
        email text not null unique,
        name text null,
        role text not null,
        password_hash text null,
        created_at datetime not null,
        disabled_at datetime null
      ) without rowid`);
    this.addSql(`
      create table one_time_link (
        hash text not null primary key,
        purpose text not null check (purpose in ('setup', 'invitation', 'password')),
        user_id text null references account (id) on delete cascade,
        role text null,
        expires_at datetime not null,
        used_at datetime null
      ) without rowid`);
    this.addSql('create index one_time_link_user on one_time_link (user_id)');
  }

  private createSessions(): void {
    this.addSql(`
      create table session (
        id text not null primary key,
        user_id text not null references account (id) on delete cascade,
        created_at datetime not null,
        used_at datetime not null,
        idle_expires_at datetime not null,
        expires_at datetime not null,
        ended_at datetime null,
        user_agent text null,
        address text null
      ) without rowid`);
    this.addSql('create index session_owner on session (user_id, used_at)');
    this.addSql('create index session_expiry on session (expires_at)');
    this.addSql(`
      create table refresh_token (
        hash text not null primary key,
        session_id text not null references session (id) on delete cascade,
        created_at datetime not null,
        used_at datetime null
      ) without rowid`);
    this.addSql('create index refresh_token_session on refresh_token (session_id)');
  }

  private createApiKeys(): void {
    this.addSql(`
      create table api_key (
        id text not null primary key,
        user_id text not null references account (id) on delete cascade,
        name text not null,
        hash text not null unique,
        hint text not null,
        scopes json not null,
        created_at datetime not null,
        expires_at datetime null,
        used_at datetime null,
        revoked_at datetime null
      ) without rowid`);
    this.addSql('create index api_key_user on api_key (user_id, id)');
  }
}
