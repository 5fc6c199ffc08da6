import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Budget } from './budget.js';
import { Channel } from './channel.js';
import { type ChildMessage, type ParentMessage, readChildMessage, TALK } from './messages.js';
import type { CrashKind } from './outcome.js';

/** How the process ended. Both null: it could not be started. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Who hears a child, for as long as it works for them. */
export interface ChildListener {
  heard(message: ChildMessage): void;
  printed(source: 'stdout' | 'stderr', text: string): void;
  /** It said what it must not. Nothing more will be heard. */
  misbehaved(kind: CrashKind, reason: string): void;
  /** Every process of the group is gone. */
  gone(exit: Exit): void;
}

/** Bytes of stdout and stderr in one run, and how many of them are shown. */
const MAX_PRINTED_BYTES = 1_000_000;
const SHOWN_BYTES = 8_000;

/** Milliseconds that a tool has to come back by itself, and then to obey SIGTERM. Together well below 2 s. */
const ABORT_GRACE_MS = 300;
const TERM_GRACE_MS = 1_000;

/** Milliseconds to wait for what cannot be hurried: the system removes a dead process, a pipe ends. */
const GROUP_GONE_MS = 500;
const PIPES_END_MS = 200;

/** The parent's side of one child: what it says and prints, counted, and the end of its whole process group. */
export class ChildHandle {
  /** Settles when the process and everything that it started are gone. Never rejects. */
  readonly gone: Promise<Exit>;
  private living = true;
  private readonly channel: Channel;
  private listener: ChildListener | undefined;
  private talk = new Budget(TALK.capacity, TALK.perSecond);
  private printedBytes = 0;
  private groupIsGone = false;
  private readonly exited: Promise<Exit>;

  /** @param process leader of a process group of its own, with a pipe as file descriptor 3. */
  constructor(private readonly process: ChildProcess) {
    const pipe = process.stdio[3];
    if (!(pipe instanceof Socket)) throw new Error('A child was started without a pipe.');
    this.channel = new Channel(
      pipe,
      (value, length) => this.hear(value, length),
      ({ message }) => this.fault('protocol', message),
    );
    process.stdout?.on('data', (chunk: Buffer) => this.print('stdout', chunk));
    process.stderr?.on('data', (chunk: Buffer) => this.print('stderr', chunk));
    this.exited = exitOf(process);
    this.gone = this.follow();
  }

  /** Whether it can still be given work. */
  get alive(): boolean {
    return this.living;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** From now on the listener hears the child, and what it may say and print is counted anew. */
  attach(listener: ChildListener): void {
    this.listener = listener;
    this.talk = new Budget(TALK.capacity, TALK.perSecond);
    this.printedBytes = 0;
  }

  /** Nobody listens. A child that speaks now is ended. */
  detach(): void {
    this.listener = undefined;
  }

  send(message: ParentMessage): void {
    this.channel.send(message);
  }

  /** Ends the group at once. */
  end(): Promise<Exit> {
    this.living = false;
    this.signal('SIGKILL');
    return this.gone;
  }

  /**
   * Ends the group in steps, each with its time: whoever is asked to abort may answer, then SIGTERM, then SIGKILL.
   * Resolves with the signal that was needed when everything is gone.
   */
  async stop(answered: Promise<void>): Promise<'SIGTERM' | 'SIGKILL' | null> {
    this.living = false;
    if (await within(ABORT_GRACE_MS, answered, this.exited)) {
      await this.end();
      return null;
    }
    this.signal('SIGTERM');
    const obeyed = await within(TERM_GRACE_MS, this.exited);
    await this.end();
    return obeyed ? 'SIGTERM' : 'SIGKILL';
  }

  private hear(value: unknown, length: number): void {
    if (!this.talk.spend(TALK.perMessage + length)) return this.fault('protocol', 'The tool sends too many messages.');
    const message = readChildMessage(value);
    if (!message) return this.fault('protocol', 'The tool sent a message that has no meaning.');
    if (!this.listener) return this.fault('protocol', 'The tool sent a message although nothing runs.');
    this.listener.heard(message);
  }

  private print(source: 'stdout' | 'stderr', chunk: Buffer): void {
    const room = SHOWN_BYTES - this.printedBytes;
    this.printedBytes += chunk.length;
    if (room > 0) this.listener?.printed(source, chunk.toString('utf8', 0, room));
    if (this.printedBytes > MAX_PRINTED_BYTES) this.fault('output', 'The tool printed more than 1 MB.');
  }

  private fault(kind: CrashKind, reason: string): void {
    this.deafen();
    this.listener?.misbehaved(kind, reason);
    void this.end();
  }

  private async follow(): Promise<Exit> {
    const closed = once(this.process, 'close').catch(() => {});
    const exit = await this.exited;
    this.living = false;
    this.signal('SIGKILL');
    await this.groupGone();
    await within(PIPES_END_MS, closed);
    this.deafen();
    this.listener?.gone(exit);
    return exit;
  }

  private deafen(): void {
    this.channel.close();
    this.process.stdout?.destroy();
    this.process.stderr?.destroy();
  }

  /** Waits, but not for ever: where nobody collects orphans, a dead process keeps its place in the group. */
  private async groupGone(): Promise<void> {
    const deadline = performance.now() + GROUP_GONE_MS;
    while (this.signal(0) && performance.now() < deadline) await wait(5);
    this.groupIsGone = true;
  }

  /** Whether there was somebody to send it to. Once the group is gone its number may be that of another. */
  private signal(signal: NodeJS.Signals | 0): boolean {
    if (this.groupIsGone || this.process.pid === undefined) return false;
    try {
      return process.kill(-this.process.pid, signal);
    } catch {
      return false;
    }
  }
}

async function exitOf(process: ChildProcess): Promise<Exit> {
  try {
    const [code, signal] = await once(process, 'exit');
    return { code, signal };
  } catch {
    return { code: null, signal: null };
  }
}

/** Whether one of them settles in time. */
async function within(milliseconds: number, ...promises: Promise<unknown>[]): Promise<boolean> {
  const timer = new AbortController();
  const late = wait(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([...promises.map((promise) => promise.then(() => true)), late]);
  timer.abort();
  return inTime;
}
