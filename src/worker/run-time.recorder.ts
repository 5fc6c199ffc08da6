import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { sizeClass, timeClass } from '../tasks/estimates/run-time.classes.js';
import { type RunTimeCount, RunTimeStore } from '../tasks/estimates/run-time.store.js';
import { type TaskFinishedEvent, taskFinished } from '../tasks/task.channels.js';

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
    this.unsubscribe = taskFinished.subscribe((event) => this.note(event));
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

  private note({ tool, inputBytes, runSeconds }: TaskFinishedEvent): void {
    // A run that waited for another server says nothing of the tool.
    if (runSeconds === undefined || inputBytes === null) return;
    this.count({ tool, sizeClass: sizeClass(inputBytes), timeClass: timeClass(runSeconds * 1_000), runs: 1 });
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
