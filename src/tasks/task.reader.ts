import { comparePlaces, parseEntryId, type Place } from '../events/entry.id.js';
import type { Entry, Follower } from '../events/event.log.js';
import { type EventStream, eventText, placeText } from '../http/event.stream.js';
import { taskDocument } from './task.document.js';
import type { Task } from './task.entity.js';
import { FINISHED, statusEvent } from './task.event-document.js';

/** Entries that may wait for a reader beyond those of the past. Who is further behind is cut off, and comes back. */
const MOST_WAITING = 1_000;

export interface ReaderOptions {
  /** Up to where the client knows already; it may have heard it from another process. */
  readonly after?: Place | undefined;
  /** The id of an entry of whose two events the client knows the first. */
  readonly halfKnown?: string | undefined;
  /** Lines of the log are for the owner and for admins. */
  readonly showsLog: boolean;
  /** Ends with the task. */
  readonly ends: boolean;
  /** The row of a task that has finished; undefined when it was removed. */
  readonly find: (id: string) => Promise<Task | undefined>;
}

/** One reader of one stream: sends entries as events, in order, no faster than the client takes them. */
export class TaskReader implements Follower {
  private waiting: Entry[] = [];
  private last: string | undefined;
  private most = MOST_WAITING;
  private isSending = false;
  private isHeld = true;

  /** Nothing is sent before `begin`. */
  constructor(
    private readonly stream: EventStream,
    private readonly options: ReaderOptions,
  ) {}

  heard(entry: Entry): void {
    if (this.stream.isEnded) return;
    if (!this.isWanted(entry)) return this.passOver(entry);
    if (this.waiting.length >= this.most) return this.stream.cut();
    this.waiting.push(entry);
    this.go();
  }

  /** Comes back to be told from the rows. */
  lost(): void {
    this.stream.end();
  }

  /** What the client has missed comes first, and then what has been heard meanwhile. */
  begin(past: readonly Entry[] = []): void {
    this.isHeld = false;
    const heard = this.waiting;
    this.waiting = past.filter((entry) => this.isWanted(entry)).concat(heard);
    this.most = Math.max(this.most, this.waiting.length + MOST_WAITING);
    this.go();
  }

  /** Ends with this, unless the end has been heard meanwhile. */
  endWith(text: string): void {
    if (this.stream.isEnded) return;
    this.isHeld = false;
    this.waiting = [];
    this.last = text;
    this.go();
  }

  get isEnded(): boolean {
    return this.stream.isEnded;
  }

  /** Sends something that has no place of its own. Resolves when the client takes more. */
  async tell(...texts: readonly string[]): Promise<void> {
    if (!this.stream.send(texts.join(''))) await this.stream.drained();
  }

  /** Who has heard of the end elsewhere need not wait for it here. */
  private passOver({ type }: Entry): void {
    if (type === FINISHED && this.options.ends) this.stream.end();
  }

  private isWanted({ id, type }: Entry): boolean {
    if (type === 'log' && !this.options.showsLog) return false;
    const { after } = this.options;
    const place = after && parseEntryId(id);
    return !after || !place || comparePlaces(place, after) > 0;
  }

  private go(): void {
    if (this.isHeld || this.isSending) return;
    this.isSending = true;
    // When the rows do not answer, the client comes back, and asks again from where it is.
    this.sendAll().catch(() => this.stream.cut());
  }

  private async sendAll(): Promise<void> {
    for (let entry = this.waiting.shift(); entry && !this.stream.isEnded; entry = this.waiting.shift()) {
      const isEnd = entry.type === FINISHED;
      const text = isEnd ? await this.endText(entry) : eventText(entry.type, entry.text, entry.id);
      if (!this.stream.send(text)) await this.stream.drained();
      if (isEnd && this.options.ends) return this.stream.end();
    }
    // In the very turn in which nothing more was waiting: what is heard a moment later must find nobody at work.
    this.isSending = false;
    if (this.last === undefined) return;
    this.stream.send(this.last);
    this.stream.end();
  }

  /** The last status, and the whole task, which are two events of one entry. */
  private async endText({ id, subject, text }: Entry): Promise<string> {
    const task = await this.options.find(subject);
    const status = id === this.options.halfKnown ? '' : eventText('status', text, `${id}${HALF}`);
    return status + (task ? resultText(task, id) : placeText(id));
  }
}

/** Behind the id of an entry: only the first of its events is known. */
export const HALF = '.0';

/** The task as it is, for who cannot be told how it came there. */
export function stateText(task: Task): string {
  return eventText('status', statusEvent(task));
}

export function resultText(task: Task, id?: string): string {
  return eventText('result', JSON.stringify(taskDocument(task)), id);
}
