import { Throttle } from '../sandbox/throttle.js';
import { type TaskLine, type TaskStage, taskEvents } from '../tasks/task.channels.js';
import type { Task } from '../tasks/task.entity.js';

/** Milliseconds between two words of progress that are told. */
const PROGRESS_MS = 250;
/** Lines of one attempt; what comes after them is left out. */
const MOST_LINES = 500;
/** Lines are counted over all attempts, so that none of two attempts has the same number. */
const NUMBERS_PER_ATTEMPT = 1_000;
const LONGEST_LINE = 1_000;

/** How far a run is. */
export interface RunProgress {
  readonly stage: TaskStage;
  readonly ratio: number;
  readonly message: string | null;
}

/** What is not yet in the rows. */
export interface Unsaved {
  readonly progress: RunProgress | undefined;
  readonly lines: readonly TaskLine[];
}

/** What one run says of itself: told at once, no faster than anybody can read, and kept until it stands in the rows. */
export class RunReport {
  private readonly throttle: Throttle<RunProgress>;
  private latest: RunProgress = { stage: 'staging', ratio: 0, message: null };
  private isProgressUnsaved = false;
  private lines: TaskLine[] = [];
  private count = 0;

  constructor(private readonly task: Task) {
    this.throttle = new Throttle(PROGRESS_MS, (progress) =>
      taskEvents.publish({ type: 'progress', task: this.task, ...progress }),
    );
  }

  enter(stage: TaskStage): void {
    this.changed({ ...this.latest, stage });
  }

  /** What is done for the run before its tool begins; how far the tool is, only the tool says. */
  prepare(message: string): void {
    this.isProgressUnsaved = true;
    this.changed({ ...this.latest, stage: 'staging', message });
  }

  /** A tool that says less than before is taken to be where it was. @param ratio 0 to 1 */
  progress(ratio: number, message: string | null): void {
    this.isProgressUnsaved = true;
    this.changed({ stage: 'running', ratio: Math.max(ratio, this.latest.ratio), message });
  }

  /** A line that the tool wrote for whoever has asked for the task. */
  line(level: TaskLine['level'], message: string): void {
    this.count += 1;
    if (this.count > MOST_LINES + 1) return;
    if (this.count > MOST_LINES) this.keep('warn', 'More lines are left out.');
    else this.keep(level, message.length > LONGEST_LINE ? `${message.slice(0, LONGEST_LINE)}…` : message);
  }

  /** What has come since it was last taken. */
  takeUnsaved(): Unsaved {
    const unsaved = { progress: this.isProgressUnsaved ? this.latest : undefined, lines: this.lines };
    this.isProgressUnsaved = false;
    this.lines = [];
    return unsaved;
  }

  /** Lines that could not be saved, to be taken again. */
  giveBack(lines: readonly TaskLine[]): void {
    this.lines = [...lines, ...this.lines];
  }

  /** Nothing is told any more. */
  end(): void {
    this.throttle.stop();
  }

  private changed(progress: RunProgress): void {
    this.latest = progress;
    this.throttle.offer(progress);
  }

  private keep(level: TaskLine['level'], message: string): void {
    const { attempt } = this.task;
    const number = attempt * NUMBERS_PER_ATTEMPT + this.count;
    const line: TaskLine = { number, attempt, at: new Date(), level, message: message.toWellFormed() };
    this.lines.push(line);
    taskEvents.publish({ type: 'log', task: this.task, line });
  }
}
