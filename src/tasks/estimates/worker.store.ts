import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

/** A worker that was not heard of for so long does not count. */
const SILENT_MS = 15_000;

/** Which workers are alive, by their own word; only for estimates, the leases of tasks do not depend on it. */
@Injectable()
export class WorkerStore {
  constructor(private readonly database: Database) {}

  /** @param concurrency how many tasks it runs at the same time */
  async beat(id: string, concurrency: number): Promise<void> {
    const now = this.database.now();
    await this.database.change(
      `insert into worker (id, concurrency, seen_at) values (?, ?, ?)
        on conflict (id) do update set concurrency = excluded.concurrency, seen_at = excluded.seen_at`,
      [id, concurrency, now],
    );
    await this.database.change('delete from worker where seen_at < ?', [silentSince(now)]);
  }

  async remove(id: string): Promise<void> {
    await this.database.change('delete from worker where id = ?', [id]);
  }

  /** How many there are, and how many tasks they can run together. */
  async alive(): Promise<{ readonly workers: number; readonly slots: number }> {
    const [row] = await this.database.query(
      'select count(*) as workers, sum(concurrency) as slots from worker where seen_at >= ?',
      [silentSince(this.database.now())],
    );
    return { workers: Number(row?.['workers']), slots: Number(row?.['slots'] ?? 0) };
  }
}

function silentSince(now: Date): Date {
  return new Date(now.getTime() - SILENT_MS);
}
