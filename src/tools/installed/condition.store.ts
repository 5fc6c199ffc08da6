import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { ANY_CONTENT, PluginCondition } from './plugin-condition.entity.js';

/** The rows that say in what condition plugins are. A plugin without one is enabled. */
@Injectable()
export class ConditionStore {
  private readonly rows: Rows<PluginCondition>;

  constructor(private readonly database: Database) {
    this.rows = database.rows(PluginCondition);
  }

  async list(): Promise<PluginCondition[]> {
    const rows = await this.database.query(`select ${this.rows.names} from plugin_condition order by plugin, hash`, []);
    return rows.map((row) => this.rows.read(row));
  }

  async disable(plugin: string): Promise<void> {
    await this.database.change(
      `insert into plugin_condition (plugin, hash, status, changed_at) values (?, ?, 'disabled', ?)
        on conflict (plugin, hash) do update set status = 'disabled', changed_at = excluded.changed_at`,
      [plugin, ANY_CONTENT, this.database.now()],
    );
  }

  /** Also forgives all crashes. */
  async enable(plugin: string): Promise<void> {
    await this.database.change('delete from plugin_condition where plugin = ?', [plugin]);
  }

  /**
   * Counts one more task that crashed, once however many attempts it had; with the last one that is borne, the plugin is
   * quarantined. Answers how it stands; undefined when this task was counted before.
   *
   * @param most crashes in a row that make a quarantine; 0: none ever do
   */
  async countCrash(plugin: string, hash: string, task: string, most: number): Promise<PluginCondition | undefined> {
    const rows = await this.database.query(
      `insert into plugin_condition (plugin, hash, status, crashes, last_task, changed_at)
         values (?, ?, case when ? = 1 then 'quarantined' else 'enabled' end, 1, ?, ?)
        on conflict (plugin, hash) do update
          set crashes = plugin_condition.crashes + 1, last_task = excluded.last_task, changed_at = excluded.changed_at,
              status = case when plugin_condition.crashes + 1 = ? then 'quarantined' else plugin_condition.status end
        where plugin_condition.last_task is null or plugin_condition.last_task <> excluded.last_task
       returning ${this.rows.names}`,
      [plugin, hash, most, task, this.database.now(), most],
    );
    return rows[0] && this.rows.read(rows[0]);
  }

  /** A task ended well, so crashes are not in a row any more. A quarantine stays. */
  async forgiveCrashes(plugin: string, hash: string): Promise<void> {
    await this.database.change(`delete from plugin_condition where plugin = ? and hash = ? and status = 'enabled'`, [
      plugin,
      hash,
    ]);
  }
}
