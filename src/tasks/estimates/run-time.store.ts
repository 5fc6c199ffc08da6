import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

/** Each new run makes those before count so much less: what counts is the last few hundred. */
const FADING = 0.995;
const FORGOTTEN = 0.01;

/** How often runs of a tool, with inputs of a size, took so long. See run-time.classes.ts. */
export interface RunTimeCount {
  readonly tool: string;
  readonly sizeClass: number;
  readonly timeClass: number;
  readonly runs: number;
}

/** The rows of run times: some for each tool, however many tasks there were. */
@Injectable()
export class RunTimeStore {
  constructor(private readonly database: Database) {}

  /** @param counts new ones, all of the same tool and size */
  async add(counts: readonly RunTimeCount[]): Promise<void> {
    const [first] = counts;
    if (!first) return;
    const { tool, sizeClass } = first;
    const fading = FADING ** counts.reduce((sum, { runs }) => sum + runs, 0);
    await this.database.change('update run_time set runs = runs * ? where tool = ? and size_class = ?', [
      fading,
      tool,
      sizeClass,
    ]);
    for (const { timeClass, runs } of counts) {
      await this.database.change(
        `insert into run_time (tool, size_class, time_class, runs) values (?, ?, ?, ?)
          on conflict (tool, size_class, time_class) do update set runs = run_time.runs + excluded.runs`,
        [tool, sizeClass, timeClass, runs],
      );
    }
    await this.database.change('delete from run_time where tool = ? and size_class = ? and runs < ?', [
      tool,
      sizeClass,
      FORGOTTEN,
    ]);
  }

  async all(): Promise<RunTimeCount[]> {
    const rows = await this.database.query('select tool, size_class, time_class, runs from run_time', []);
    return rows.map((row) => ({
      tool: String(row['tool']),
      sizeClass: Number(row['size_class']),
      timeClass: Number(row['time_class']),
      runs: Number(row['runs']),
    }));
  }
}
