import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows, Statement } from '../../database/rows.js';
import { type CasesResult, PluginPackage } from './plugin-package.entity.js';

/** The rows of installed plugins. */
@Injectable()
export class PackageStore {
  private readonly rows: Rows<PluginPackage>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(PluginPackage);
  }

  now(): Date {
    return this.database.now();
  }

  /** False: this version is there already. */
  async insert(row: PluginPackage): Promise<boolean> {
    if (await this.find(row.name, row.version)) return false;
    await this.rows.insert(row);
    return true;
  }

  find(name: string, version: string): Promise<PluginPackage | undefined> {
    return this.rows.find('name = ? and version = ?', [name, version]);
  }

  /** By name, the one that was installed last first. */
  async list(name?: string): Promise<PluginPackage[]> {
    const rows = await this.database.query(
      `select ${this.rows.names} from plugin_package ${name === undefined ? '' : 'where name = ?'}
        order by name, installed_at desc, id desc`,
      name === undefined ? [] : [name],
    );
    return rows.map((row) => this.rows.read(row));
  }

  /** Makes it the one that new tasks get, in place of the one that was. False: somebody else has changed them meanwhile. */
  async makeCurrent({ id, name }: PluginPackage, cases: CasesResult | null, before?: PluginPackage): Promise<boolean> {
    const changedAt = this.now();
    const change = { status: 'current' as const, changedAt, ...(cases && { cases }) };
    const statements: Statement[] = [];
    if (before && before.id !== id)
      statements.push(
        this.rows.updating({ status: 'superseded', changedAt }, `id = ? and name = ? and status = 'current'`, [
          before.id,
          name,
        ]),
      );
    statements.push(this.rows.updating(change, 'id = ?', [id]));
    return this.database.together(statements);
  }

  /** False: it is gone already. */
  async remove(id: string): Promise<boolean> {
    return (await this.database.change('delete from plugin_package where id = ?', [id])) === 1;
  }

  /** Those that no new task has got since then. */
  async superseded(before: Date): Promise<PluginPackage[]> {
    const rows = await this.database.query(
      `select ${this.rows.names} from plugin_package where status = 'superseded' and changed_at < ?`,
      [before],
    );
    return rows.map((row) => this.rows.read(row));
  }
}
