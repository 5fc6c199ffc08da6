import { Migration } from '@mikro-orm/migrations';

/**
 * Plugins that were installed, one row for each version, and in what condition plugins are, installed or not. An empty
 * hash in a condition stands for the plugin whatever its content is.
 */
export class Install extends Migration {
  override up(): void {
    this.addSql(`
      create table plugin_package (
        id uuid not null primary key,
        name text not null,
        version text not null,
        hash text not null,
        sha256 text not null,
        size bigint not null,
        source text not null,
        status text not null check (status in ('waiting', 'current', 'superseded')),
        permissions json not null,
        tools json not null,
        cases json null,
        installed_by text null,
        installed_at timestamptz(3) not null,
        changed_at timestamptz(3) not null
      )`);
    this.addSql('create unique index plugin_package_version on plugin_package (name, version)');
    this.addSql(`create unique index plugin_package_current on plugin_package (name) where status = 'current'`);
    this.addSql(`
      create table plugin_condition (
        plugin text not null,
        hash text not null,
        status text not null check (status in ('enabled', 'disabled', 'quarantined')),
        crashes integer not null default 0,
        last_task text null,
        reason text null,
        changed_at timestamptz(3) not null,
        primary key (plugin, hash)
      )`);
  }
}
