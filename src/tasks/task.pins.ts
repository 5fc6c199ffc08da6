import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { PluginNeeds } from '../tools/installed/plugin.needs.js';

/** Tasks hold on to the version of the tool with which they were created. */
@Injectable()
export class TaskPins extends PluginNeeds {
  constructor(private readonly database: Database) {
    super();
  }

  override async unfinished(tools: readonly string[], version: string): Promise<number> {
    if (tools.length === 0) return 0;
    const [row] = await this.database.query(
      `select count(*) as unfinished from task
        where status in ('pending', 'processing') and tool_version = ?
          and tool in (${tools.map(() => '?').join(', ')})`,
      [version, ...tools],
    );
    return Number(row?.['unfinished']);
  }
}
