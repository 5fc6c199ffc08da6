import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { sizeClass, timeClass } from '../tasks/estimates/run-time.classes.js';
import { type RunTimeCount, RunTimeStore } from '../tasks/estimates/run-time.store.js';
import { type TaskEvent, taskEvents } from '../tasks/task.channels.js';

const WRITE_MS = 2_000;
/** More sizes and tools than that are not remembered while the database is away. */
const MOST_KEPT = 5_000;

/** Remembers how long runs take. It counts in memory, so a run costs no statement; what a crash takes along does no harm. */
@Injectable()
export class RunTimeRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly counts = new Map<string, RunTimeCount>();
  private unsubscribe: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly store: RunTimeStore) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = taskEvents.subscribe((event) => this.note(event));
    this.timer = setInterval(() => {
      this.writing = this.writing.then(() => this.write());
    }, WRITE_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unsubscribe?.();
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  private note(event: TaskEvent): void {
    if (event.type !== 'status') return;
    const { tool, status, inputBytes, startedAt, finishedAt, cacheHit } = event.task;
    if (status !== 'completed' && status !== 'failed') return;
    // A run that waited for another server says nothing of the tool, and neither does a result that was there already.
    if (cacheHit || !startedAt || !finishedAt || typeof inputBytes !== 'number') return;
    const runMs = finishedAt.getTime() - startedAt.getTime();
    this.count({ tool, sizeClass: sizeClass(inputBytes), timeClass: timeClass(runMs), runs: 1 });
  }

  private count(count: RunTimeCount): void {
    const key = `${count.tool} ${count.sizeClass} ${count.timeClass}`;
    const known = this.counts.get(key);
    if (known) this.counts.set(key, { ...known, runs: known.runs + count.runs });
    else if (this.counts.size < MOST_KEPT) this.counts.set(key, count);
  }

  private async write(): Promise<void> {
    const counts = [...this.counts.values()];
    this.counts.clear();
    const groups = [...Map.groupBy(counts, ({ tool, sizeClass }) => `${tool} ${sizeClass}`).values()];
    try {
      while (groups[0]) {
        await this.store.add(groups[0]);
        groups.shift();
      }
    } catch {
      // Later, then. Some of them may be counted twice, which changes little.
      groups.flat().forEach((count) => this.count(count));
    }
  }
}
