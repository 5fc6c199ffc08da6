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
        seq integer not null primary key,
        id text not null unique,
        at datetime not null,
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
    const refuse = `begin select raise(abort, 'audit_event is append-only'); end`;
    this.addSql(`create trigger audit_event_no_update before update on audit_event ${refuse}`);
    this.addSql(`create trigger audit_event_no_delete before delete on audit_event ${refuse}`);
  }

  private createShares(): void {
    this.addSql(`
      create table share (
        id text not null primary key,
        object_type text not null check (object_type in ('file', 'task')),
        object_id text not null,
        grantee_type text not null check (grantee_type in ('user', 'role')),
        grantee text not null,
        created_by text not null,
        created_at datetime not null,
        unique (object_type, object_id, grantee_type, grantee)
      ) without rowid`);
    this.addSql('create index share_grantee on share (object_type, grantee_type, grantee, object_id)');
  }

  private addScans(): void {
    const verdicts = `'unscanned', 'pending', 'clean', 'infected', 'encrypted', 'too_large', 'error'`;
    this.addSql(`alter table file add column scan text not null default 'unscanned' check (scan in (${verdicts}))`);
    this.addSql(`create index file_scan on file (id) where scan = 'pending' and purged_at is null`);
  }
}
