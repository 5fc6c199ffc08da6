import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Rows } from '../../database/rows.js';
import { Problem } from '../../errors/problem.js';
import { FilesService } from '../../files/files.service.js';
import type { Tool } from '../../tools/tool.js';
import { Task, type TaskFile } from '../task.entity.js';
import { indexed } from '../task.turn.js';
import type { KnownResult } from '../tasks.service.js';

const FINDABLE = `status = 'completed' and cache_key is not null and purged_at is null`;

/**
 * Results of deterministic tools, found again by what they were made of. The rows of the tasks are the cache, and a
 * result is good for as long as its files are there. It stays with its owner, unless the tool says that it may be shared.
 */
@Injectable()
export class ResultCache {
  private readonly rows: Rows<Task>;

  constructor(
    private readonly database: Database,
    private readonly files: FilesService,
  ) {
    this.rows = database.rows(Task);
  }

  /** Whether there is a result; it may be gone a moment later. */
  async has(owner: string, tool: Tool, key: string | null): Promise<boolean> {
    const found = await this.find(owner, tool, key);
    return found !== undefined && (await this.files.areThere(idsOf(found)));
  }

  /** A result for a new task of this owner. Its files live as long as those of something that is made now. */
  async take(owner: string, tool: Tool, key: string | null): Promise<KnownResult | undefined> {
    const found = await this.find(owner, tool, key);
    if (!found) return undefined;
    const { data, toolHash, limits } = found;
    const outputs = found.owner === owner ? await this.kept(found) : await this.copies(owner, found);
    return outputs && { outputs, data, toolHash, limits };
  }

  /** The owner's own, or else that of anybody, when the tool does not mind. Only what ran with this very content counts. */
  private async find(owner: string, tool: Tool, key: string | null): Promise<Task | undefined> {
    if (key === null) return undefined;
    const condition = 'cache_key = ? and tool_hash = ? and expires_at > ?';
    const values = [key, tool.plugin.hash, this.database.now()];
    const [own] = await this.select(`${condition} and owner = ? order by id desc limit 1`, [...values, owner]);
    if (own || !tool.shareable) return own;
    const [other] = await this.select(`${condition} order by id desc limit 1`, values);
    return other;
  }

  private async select(condition: string, values: readonly unknown[]): Promise<Task[]> {
    const from = `task ${indexed(this.database.kind, 'task_cache')}`;
    const statement = `select ${this.rows.names} from ${from} where ${FINDABLE} and ${condition}`;
    return (await this.database.query(statement, values)).map((row) => this.rows.read(row));
  }

  private async kept(task: Task): Promise<TaskFile[] | undefined> {
    return (await this.files.keepAll(task.owner, idsOf(task))) ? task.outputs : undefined;
  }

  /** Files of one's own: what the other one removes must not vanish from here. All of them, or none. */
  private async copies(owner: string, { outputs }: Task): Promise<TaskFile[] | undefined> {
    const made: TaskFile[] = [];
    try {
      for (const { file_id, name, size } of outputs) {
        const source = await this.files.read({ id: file_id });
        const file = await this.files.receive(source, { owner, origin: 'output', name, maxBytes: size });
        made.push({ file_id: file.id, name: file.name, type: file.type, size: file.size, sha256: file.sha256 });
      }
      return made;
    } catch (error) {
      await this.files.undo(idsOf({ outputs: made }));
      // What cannot be copied is made anew.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }
}

function idsOf({ outputs }: Pick<Task, 'outputs'>): string[] {
  return outputs.map(({ file_id }) => file_id);
}
