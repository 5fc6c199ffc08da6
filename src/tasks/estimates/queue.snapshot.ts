import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { MOST_COUNTED } from '../task.store.js';
import { CLAIM_ORDER, indexed } from '../task.turn.js';
import { RunTimeHistory } from './run-time.history.js';
import { RunTimeStore } from './run-time.store.js';
import { WorkerStore } from './worker.store.js';

/** How long a picture is believed. */
const FRESH_MS = 1_000;

export interface WaitingTask {
  readonly tool: string;
  readonly owner: string;
  /** Null while inputs are still to be fetched. */
  readonly inputBytes: number | null;
  readonly priority: number;
}

export interface RunningTask {
  readonly tool: string;
  readonly owner: string;
  /** Null while inputs are still to be fetched. */
  readonly inputBytes: number | null;
  readonly startedAt: number;
}

/** What waits and what runs, on all workers together. */
export interface QueuePicture {
  readonly at: number;
  readonly workers: number;
  /** Runs at the same time, on all of them. */
  readonly slots: number;
  readonly running: readonly RunningTask[];
  /** In the order of their claims; 1000 at most. */
  readonly waiting: readonly WaitingTask[];
  readonly history: RunTimeHistory;
}

/** Takes a picture of the queue once a second at most, and only when somebody asks: thousands who wait share it. */
@Injectable()
export class QueueSnapshot {
  private taking: Promise<QueuePicture> | undefined;
  private takenAt = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly runTimes: RunTimeStore,
    private readonly workers: WorkerStore,
  ) {}

  async picture(): Promise<QueuePicture> {
    if (this.taking && performance.now() - this.takenAt < FRESH_MS) return this.taking;
    this.takenAt = performance.now();
    const taking = this.take();
    this.taking = taking;
    taking.catch(() => {
      if (this.taking === taking) this.taking = undefined;
    });
    return taking;
  }

  private async take(): Promise<QueuePicture> {
    const { kind } = this.database;
    const alive = await this.workers.alive();
    const running = await this.database.query(
      `select tool, owner, input_bytes, started_at from task ${indexed(kind, 'task_lease')} where status = 'processing'`,
      [],
    );
    const waiting = await this.database.query(
      `select tool, owner, input_bytes, priority from task ${indexed(kind, 'task_pending')}
        where status = 'pending' and available_at <= ? order by ${CLAIM_ORDER} limit ${MOST_COUNTED}`,
      [this.database.now()],
    );
    return {
      at: this.database.now().getTime(),
      ...alive,
      running: running.map((row) => ({ ...taskOf(row), startedAt: momentOf(row['started_at']) })),
      waiting: waiting.map((row) => ({ ...taskOf(row), priority: Number(row['priority']) })),
      history: new RunTimeHistory(await this.runTimes.all()),
    };
  }
}

/** SQLite gives milliseconds, PostgreSQL a date or its text. */
function momentOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : Date.parse(String(value));
}

function taskOf(row: Readonly<Record<string, unknown>>) {
  return { tool: String(row['tool']), owner: String(row['owner']), inputBytes: bytesOf(row['input_bytes']) };
}

/** PostgreSQL gives large whole numbers as text. */
function bytesOf(value: unknown): number | null {
  return value === null ? null : Number(value);
}
