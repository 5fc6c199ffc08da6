import { join } from 'node:path';
import type { ChildHandle, ChildListener, Exit } from './child.process.js';
import { limitInWords, limitOfSignal } from './limit.signs.js';
import type { Limit } from './limits.js';
import { type ChildMessage, type ChildUsage, PROGRESS_INTERVAL_MS, type RunRequest } from './messages.js';
import type { CrashKind, Outcome, Stopped, Usage } from './outcome.js';
import { Throttle } from './throttle.js';
import { watch } from './watchdog.js';

export interface Progress {
  /** 0 to 1. */
  readonly ratio: number;
  readonly message: string | null;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  /** `tool`: by `run.log`. The others: printed, in pieces of any length. */
  readonly source: 'tool' | 'stdout' | 'stderr';
  readonly message: string;
}

/** The callbacks must not throw. */
export interface RunOptions {
  /** Milliseconds to the end of the run. */
  readonly totalMs: number;
  /** Milliseconds without progress. */
  readonly idleMs: number;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Called at most ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onLog?: (line: LogLine) => void;
}

/** The longest time that a timer of Node can wait: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type StopReason = 'timed_out' | 'stalled' | 'cancelled';

/** One run, seen from the parent: watches the clock, ends the child when it must, and says once how it ended. */
export class Run implements ChildListener {
  readonly outcome: Promise<Outcome>;
  private readonly settle: (outcome: Outcome) => void;
  private readonly started = performance.now();
  private readonly answered = Promise.withResolvers<void>();
  private readonly throttle: Throttle<Progress>;
  private readonly total: NodeJS.Timeout;
  private readonly idle: NodeJS.Timeout;
  private readonly cancel = (): void => void this.stop('cancelled');
  private state: 'running' | 'ending' | 'settled' = 'running';
  /** Known, but not said before the child is gone. */
  private verdict: Outcome | undefined;
  /** What the process said of a limit before it died of it. */
  private sign: Limit | undefined;
  private readonly unwatch: () => void;

  constructor(
    private readonly id: number,
    private readonly child: ChildHandle,
    request: RunRequest,
    private readonly options: RunOptions,
  ) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.settle = resolve;
    this.throttle = new Throttle(PROGRESS_INTERVAL_MS, (progress) => options.onProgress?.(progress));
    child.send({ type: 'run', run: id, request });
    child.attach(this);
    this.total = setTimeout(() => void this.stop('timed_out'), Math.min(options.totalMs, LONGEST_TIMER_MS));
    this.idle = setTimeout(() => void this.stop('stalled'), Math.min(options.idleMs, LONGEST_TIMER_MS));
    options.signal.addEventListener('abort', this.cancel, { once: true });
    this.unwatch = this.startWatch();
  }

  heard(message: ChildMessage): void {
    switch (message.type) {
      case 'ready':
      case 'described':
      case 'yaml':
      case 'rested':
        return this.crash('protocol', 'The tool sent a message that does not belong to a run.');
      case 'progress':
        return this.isLate(message) ? undefined : this.progressed(message);
      case 'log':
        return this.isLate(message) ? undefined : this.log(message.level, 'tool', message.message);
      case 'done':
      case 'tool_error':
      case 'crashed':
        return this.isLate(message) ? undefined : this.ended(message);
      default:
        return message satisfies never;
    }
  }

  printed(source: 'stdout' | 'stderr', text: string): void {
    if (source === 'stderr') this.sign ??= limitInWords(text);
    this.log(source === 'stdout' ? 'info' : 'warn', source, text);
  }

  misbehaved(reason: string): void {
    this.crash('protocol', reason);
  }

  flooded(reason: string): void {
    void this.exceed('output', reason);
  }

  gone(exit: Exit): void {
    if (this.state === 'running') this.finish(this.died(exit));
    else if (this.verdict) this.finish(this.verdict);
  }

  /** By itself, or because the system enforced a limit. */
  private died(exit: Exit): Outcome {
    const { kind, reason } = inWords(exit);
    const limit = limitOfSignal(exit.signal) ?? (exit.signal === 'SIGABRT' ? this.sign : undefined);
    if (limit === undefined) return { type: 'crashed', kind, reason };
    return { type: 'exceeded', limit, reason, stopped: { signal: exit.signal, afterMs: 0 } };
  }

  private startWatch(): () => void {
    const { family, place } = this.child;
    if (!place.limits) return () => {};
    return watch({
      family,
      limits: place.limits,
      writes: join(place.directory, 'out'),
      exceeded: (limit, reason) => void this.exceed(limit, reason),
    });
  }

  /** A word of the run before. */
  private isLate({ run }: { readonly run: number }): boolean {
    return run !== this.id;
  }

  private progressed({ ratio, message }: Progress): void {
    if (this.state !== 'running') return;
    this.idle.refresh();
    this.throttle.offer({ ratio, message });
  }

  private log(level: LogLine['level'], source: LogLine['source'], message: string): void {
    this.options.onLog?.({ level, source, message });
  }

  private ended(message: ChildMessage & { type: 'done' | 'tool_error' | 'crashed' }): void {
    this.answered.resolve();
    if (this.state !== 'running') return;
    if (message.type === 'crashed')
      return message.remote ? this.failedElsewhere(message.reason) : this.threw(message.reason);
    const usage = this.usage(message.usage);
    const { tidy } = message;
    if (message.type === 'done') {
      this.finish({ type: 'done', outputs: message.outputs, data: message.data, usage, tidy });
    } else {
      this.finish({ type: 'tool_error', code: message.code, message: message.message, usage, tidy });
    }
  }

  private usage({ cpuMs, maxRssBytes }: ChildUsage): Usage {
    const wallMs = Math.round((performance.now() - this.started) * 1_000) / 1_000;
    return { wallMs, cpuMs, maxRssBytes };
  }

  /** The process has done its part, and can do it again. */
  private failedElsewhere(reason: string): void {
    this.finish({ type: 'crashed', kind: 'remote', reason });
  }

  /** What a tool throws when the system refused it something is a limit's doing, not a fault that nobody foresaw. */
  private threw(reason: string): void {
    const limit = limitInWords(reason);
    if (limit === undefined) return this.crash('exception', reason);
    this.endWith({ type: 'exceeded', limit, reason, stopped: { signal: null, afterMs: 0 } });
  }

  private crash(kind: CrashKind, reason: string): void {
    this.endWith({ type: 'crashed', kind, reason });
  }

  private endWith(verdict: Outcome): void {
    if (this.state !== 'running') return;
    this.state = 'ending';
    this.verdict = verdict;
    this.quieten();
    void this.child.end();
  }

  private async stop(type: StopReason): Promise<void> {
    const stopped = await this.ending(() => this.abort());
    if (stopped) this.finish({ type, stopped });
  }

  /** Who takes too much time may come back by itself. Whoever grows gets no time to grow on. */
  private async exceed(limit: Limit, reason: string): Promise<void> {
    const stopped = await this.ending(() => (limit === 'cpu' ? this.abort() : this.kill()));
    if (stopped) this.finish({ type: 'exceeded', limit, reason, stopped });
  }

  private async ending(end: () => Promise<Stopped['signal']>): Promise<Stopped | undefined> {
    if (this.state !== 'running') return undefined;
    this.state = 'ending';
    this.quieten();
    const since = performance.now();
    const signal = await end();
    return { signal, afterMs: Math.round(performance.now() - since) };
  }

  private abort(): Promise<Stopped['signal']> {
    this.child.send({ type: 'abort', run: this.id });
    return this.child.stop(this.answered.promise);
  }

  private async kill(): Promise<'SIGKILL'> {
    await this.child.end();
    return 'SIGKILL';
  }

  private finish(outcome: Outcome): void {
    if (this.state === 'settled') return;
    this.state = 'settled';
    this.quieten();
    this.child.detach();
    this.settle(outcome);
  }

  /** No more timers, and nobody who cancels. */
  private quieten(): void {
    clearTimeout(this.total);
    clearTimeout(this.idle);
    this.unwatch();
    this.throttle.stop();
    this.options.signal.removeEventListener('abort', this.cancel);
  }
}

function inWords({ code, signal }: Exit): { kind: CrashKind; reason: string } {
  if (signal) return { kind: 'signal', reason: `The process was ended by ${signal}.` };
  return { kind: 'exit', reason: `The process ended with code ${code}.` };
}
