import { Migration } from '@mikro-orm/migrations';

export class Audit extends Migration {
  override up(): void {
    this.createAuditLog();
    this.createShares();
    this.addScans();
  }

  private createAuditLog(): void {
    this.addSql(`
      create table audit_event (
        seq bigint not null primary key,
        id uuid not null unique,
        at timestamptz(3) not null,
        action text not null,
        outcome text not null,
        actor_id text null,
        object text null,
        address text null,
        request_id text null,
        details text not null,
        hash text not null
      )`);
    this.addSql('create index audit_event_actor on audit_event (actor_id, seq)');
    this.addSql('create index audit_event_object on audit_event (object, seq)');
    this.addSql(`
      create function refuse_audit_change() returns trigger language plpgsql as
        'begin raise exception ''audit_event is append-only''; end'`);
    this.addSql(`
      create trigger audit_event_append_only before update or delete or truncate on audit_event
        for each statement execute function refuse_audit_change()`);
  }

  private createShares(): void {
    this.addSql(`
      create table share (
        id uuid not null primary key,
        object_type text not null check (object_type in ('file', 'task')),
        object_id uuid not null,
        grantee_type text not null check (grantee_type in ('user', 'role')),
        grantee text not null,
        created_by text not null,
        created_at timestamptz(3) not null,
        unique (object_type, object_id, grantee_type, grantee)
      )`);
    this.addSql('create index share_grantee on share (object_type, grantee_type, grantee, object_id)');
  }

  private addScans(): void {
    const verdicts = `'unscanned', 'pending', 'clean', 'infected', 'encrypted', 'too_large', 'error'`;
    this.addSql(`alter table file add column scan text not null default 'unscanned' check (scan in (${verdicts}))`);
    this.addSql(`create index file_scan on file (id) where scan = 'pending' and purged_at is null`);
  }
}
