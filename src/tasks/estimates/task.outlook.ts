import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { ToolRegistry } from '../../tools/tool.registry.js';
import { isBuiltIn, mostImports } from '../sources/built-in.js';
import type { TaskDocument } from '../task.document.js';
import type { Task } from '../task.entity.js';
import { MOST_COUNTED, TaskStore } from '../task.store.js';
import { type Expectation, expectedStarts } from './queue.forecast.js';
import { type QueuePicture, QueueSnapshot } from './queue.snapshot.js';
import type { RunTimes } from './run-times.js';

/** Seconds that half of such tasks, and nine of ten, do not exceed. */
export interface Estimate {
  readonly p50: number;
  readonly p90: number;
}

/** What is known of a task's future. */
export interface Outlook {
  readonly queue: TaskDocument['queue'];
  readonly statusReason: Task['statusReason'];
  /** When to ask again. */
  readonly retrySeconds: number;
}

/** Standard deviations above the mean that nine of ten stay below, if it is a normal distribution. */
const NINE_OF_TEN = 1.2816;
/** How wrong the machine may make the whole of it: busier or idler than it was. A share of the expected wait. */
const DRIFT = 0.2;
const MOST_RETRY_SECONDS = 30;

/** Tells those who wait how long, from what such runs took before; and why, as far as that can be known. */
@Injectable()
export class TaskOutlook {
  private readonly starts = new WeakMap<QueuePicture, Expectation[] | undefined>();

  constructor(
    private readonly snapshot: QueueSnapshot,
    private readonly store: TaskStore,
    private readonly tools: ToolRegistry,
    private readonly config: Config,
  ) {}

  async of(task: Task): Promise<Outlook> {
    switch (task.status) {
      case 'pending':
        return this.waiting(task);
      case 'processing':
        return { queue: null, statusReason: null, retrySeconds: await this.left(task) };
      case 'completed':
      case 'failed':
      case 'cancelled':
        return { queue: null, statusReason: null, retrySeconds: 0 };
      default:
        return task.status satisfies never;
    }
  }

  /**
   * For a task that does not exist yet: how long the run takes, and how long until its end. Null: nobody knows.
   *
   * @param inputBytes null when inputs are still to be fetched
   */
  async ofNew(tool: string, inputBytes: number | null, priority: number) {
    const picture = await this.snapshot.picture();
    const before = picture.waiting.filter((task) => task.priority >= priority).length;
    const run = usual({ tool, inputBytes }, picture);
    const start = before < MOST_COUNTED ? this.startAt(picture, before) : undefined;
    return {
      run_seconds: run ? estimate({ mean: 0, variance: 0 }, run) : null,
      eta_seconds: run && start ? estimate(start, run) : null,
    };
  }

  private async waiting(task: Task): Promise<Outlook> {
    const [position, picture] = await Promise.all([this.store.position(task), this.snapshot.picture()]);
    const statusReason = this.reason(task, picture);
    const eta = statusReason === 'no_worker' ? null : this.eta(task, position, picture);
    const retrySeconds = retryAfter(eta?.p50 ?? 0);
    return { queue: { position, eta_seconds: eta }, statusReason, retrySeconds };
  }

  private eta(task: Task, position: number, picture: QueuePicture): Estimate | null {
    const run = usual(task, picture);
    const start = position < MOST_COUNTED ? this.startAt(picture, position) : undefined;
    if (!run || !start) return null;
    const pause = Math.max(task.availableAt.getTime() - picture.at, 0);
    return estimate({ ...start, mean: Math.max(start.mean, pause) }, run);
  }

  private startAt(picture: QueuePicture, position: number): Expectation | undefined {
    if (!this.starts.has(picture)) this.starts.set(picture, expectedStarts(picture, this.limits(picture)));
    const starts = this.starts.get(picture) ?? [];
    const last = starts.at(-1);
    const { all } = picture.history;
    if (!last || !all || position < starts.length) return starts[position];
    // Tasks have come since the picture was taken; they count as what is usual.
    const share = (position - starts.length + 1) / Math.max(picture.slots, 1);
    return { mean: last.mean + share * all.mean, variance: last.variance + share * all.variance };
  }

  /** Only what is certain: that a worker is there, or that a limit is reached while there would be room. */
  private reason(task: Task, picture: QueuePicture): string | null {
    const { workers, slots, running } = picture;
    const { ofTool, ofOwner } = this.limits(picture);
    if (workers === 0 || !(isBuiltIn(task.tool) || this.tools.has(task.tool))) return 'no_worker';
    if (task.statusReason === 'retry_at' && task.availableAt > this.store.now()) return 'retry_at';
    if (running.filter(({ owner }) => owner === task.owner).length >= ofOwner) return 'user_limit';
    const isToolBusy = running.filter(({ tool }) => tool === task.tool).length >= ofTool(task.tool);
    return isToolBusy && running.length < slots ? 'tool_limit' : null;
  }

  private limits({ workers, slots }: QueuePicture) {
    const ofTool = (tool: string) => (this.tools.find(tool)?.limits.concurrency ?? Infinity) * Math.max(workers, 1);
    return {
      ofTool: (tool: string) => (isBuiltIn(tool) ? mostImports(Math.max(slots, 1)) : ofTool(tool)),
      ofOwner: this.config.USER_CONCURRENCY ?? Infinity,
    };
  }

  private async left(task: Task): Promise<number> {
    const picture = await this.snapshot.picture();
    const elapsed = Math.max(picture.at - (task.startedAt?.getTime() ?? picture.at), 0);
    return retryAfter((usual(task, picture)?.leftAfter(elapsed).mean ?? 0) / 1_000);
  }
}

/** What such runs took. Undefined also for inputs that are still to be fetched: nobody knows how large, or how fast. */
function usual({ tool, inputBytes }: Pick<Task, 'tool' | 'inputBytes'>, { history }: QueuePicture) {
  return inputBytes === null || inputBytes === undefined ? undefined : history.of(tool, inputBytes);
}

function estimate(start: Expectation, run: RunTimes): Estimate {
  const p50 = start.mean + run.quantile(0.5);
  const spread = run.quantile(0.9) - run.quantile(0.5);
  const more = Math.hypot(NINE_OF_TEN * Math.sqrt(start.variance), DRIFT * start.mean, spread);
  return { p50: rounded(p50 / 1_000), p90: rounded((p50 + more) / 1_000) };
}

/** Two digits: more would claim to know more, and change with every look. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(2));
}

function retryAfter(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds), 1), MOST_RETRY_SECONDS);
}
