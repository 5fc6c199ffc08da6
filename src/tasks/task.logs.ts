import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { LOG_LEVELS, type TaskLine } from './task.channels.js';

/** Of all attempts together; of each there are 500 at most. */
const MOST_LINES = 5_000;

/** The lines that tools wrote for whoever has asked for the task. They go when its result goes. */
@Injectable()
export class TaskLogs {
  constructor(private readonly database: Database) {}

  /** Lines that are there already stay as they are. */
  async add(taskId: string, lines: readonly TaskLine[]): Promise<void> {
    await this.database.change(
      `insert into task_log (task_id, number, attempt, at, level, message)
       values ${lines.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}
       on conflict (task_id, number) do nothing`,
      lines.flatMap(({ number, attempt, at, level, message }) => [taskId, number, attempt, at, level, message]),
    );
  }

  /** In the order in which they were written. */
  async list(taskId: string): Promise<TaskLine[]> {
    const rows = await this.database.query(
      'select number, attempt, at, level, message from task_log where task_id = ? order by number limit ?',
      [taskId, MOST_LINES],
    );
    return rows.map(({ number, attempt, at, level, message }) => ({
      number: Number(number),
      attempt: Number(attempt),
      at: momentOf(at),
      level: LOG_LEVELS.find((known) => known === level) ?? 'info',
      message: String(message),
    }));
  }
}

/** SQLite gives milliseconds, PostgreSQL text. */
function momentOf(at: unknown): Date {
  return new Date(typeof at === 'number' ? at : String(at));
}
