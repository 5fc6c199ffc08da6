import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Budget } from './budget.js';
import { Channel } from './channel.js';
import { ChildFamily, type FamilyTraits } from './child.family.js';
import type { ChildLimits } from './limits.js';
import { type ChildMessage, type ParentMessage, readChildMessage, TALK } from './messages.js';
import { readProcess } from './process.table.js';

/** How the process ended. Both null: it could not be started. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a child was started for. */
export interface ChildPlace extends FamilyTraits {
  /** What its runs are held to. Undefined: to nothing but the clock. */
  readonly limits: ChildLimits | undefined;
}

/** Who hears a child, for as long as it works for them. */
export interface ChildListener {
  heard(message: ChildMessage): void;
  printed(source: 'stdout' | 'stderr', text: string): void;
  /** It said what it must not. Nothing more will be heard. */
  misbehaved(reason: string): void;
  /** It printed more than it may. Nothing more will be heard. */
  flooded(reason: string): void;
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
  readonly family: ChildFamily;
  private living = true;
  private readonly channel: Channel;
  private listener: ChildListener | undefined;
  private talk = new Budget(TALK.capacity, TALK.perSecond);
  private printedBytes = 0;
  private hasExited = false;
  private groupIsGone = false;
  private readonly exited: Promise<Exit>;

  /**
   * @param process leader of a process group of its own, with a pipe as file descriptor 3
   * @param place what it was started for
   */
  constructor(
    private readonly process: ChildProcess,
    readonly place: ChildPlace,
  ) {
    this.family = new ChildFamily(process.pid ?? 0, place);
    const pipe = process.stdio[3];
    if (!(pipe instanceof Socket)) throw new Error('A child was started without a pipe.');
    this.channel = new Channel(
      pipe,
      (value, length) => this.hear(value, length),
      ({ message }) => this.fault(message),
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
    if (!this.signalOne(this.family.head, 'SIGKILL')) this.signal('SIGKILL');
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
    if (this.family.head === undefined) this.signal('SIGTERM');
    else this.signalOne(this.family.tool, 'SIGTERM');
    const obeyed = await within(TERM_GRACE_MS, this.exited);
    await this.end();
    return obeyed ? 'SIGTERM' : 'SIGKILL';
  }

  private hear(value: unknown, length: number): void {
    if (!this.talk.spend(TALK.perMessage + length)) return this.fault('The tool sends too many messages.');
    const message = readChildMessage(value);
    if (!message) return this.fault('The tool sent a message that has no meaning.');
    if (!this.listener) return this.fault('The tool sent a message although nothing runs.');
    this.listener.heard(message);
  }

  private print(source: 'stdout' | 'stderr', chunk: Buffer): void {
    const room = SHOWN_BYTES - this.printedBytes;
    this.printedBytes += chunk.length;
    if (room > 0) this.listener?.printed(source, chunk.toString('utf8', 0, room));
    if (this.printedBytes > MAX_PRINTED_BYTES) this.flooded();
  }

  private fault(reason: string): void {
    this.deafen();
    this.listener?.misbehaved(reason);
    void this.end();
  }

  private flooded(): void {
    this.deafen();
    this.listener?.flooded('It printed more than 1 MB.');
    void this.end();
  }

  private async follow(): Promise<Exit> {
    const closed = once(this.process, 'close').catch(() => {});
    const exit = this.place.wrapped ? unwrap(await this.exited) : await this.exited;
    this.hasExited = true;
    this.living = false;
    this.signal('SIGKILL');
    this.family.endStrays();
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
    while (this.anyoneLeft() && performance.now() < deadline) await wait(5);
    this.groupIsGone = true;
  }

  /** When process 1 of a namespace has ended, everything in it has, also while it waits to be collected. */
  private anyoneLeft(): boolean {
    const { head } = this.family;
    return head === undefined ? this.signal(0) : readProcess(head) !== undefined;
  }

  private signalOne(pid: number | undefined, signal: NodeJS.Signals): boolean {
    return !this.hasExited && pid !== undefined && send(pid, signal);
  }

  /** Whether there was somebody to send it to. Once the group is gone its number may be that of another. */
  private signal(signal: NodeJS.Signals | 0): boolean {
    return !this.groupIsGone && this.process.pid !== undefined && send(-this.process.pid, signal);
  }
}

/** @param target a process, or less than zero for a group */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

/** By number. Of two names for one signal the first counts. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .toReversed(),
);

/** Bubblewrap ends, as a shell would, with 128 and the number of the signal that ended the program in it. */
function unwrap({ code, signal }: Exit): Exit {
  const name = SIGNALS.get((code ?? 0) - 128);
  return isSignal(name) ? { code: null, signal: name } : { code, signal };
}

function isSignal(name: string | undefined): name is NodeJS.Signals {
  return name !== undefined;
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
