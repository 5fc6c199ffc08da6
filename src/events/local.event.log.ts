import { entryId, nextPlace } from './entry.id.js';
import { EntryRing } from './entry.ring.js';
import { type Audience, EventLog, type Follower, MARK_SECONDS, type NewEntry, type Past } from './event.log.js';

/** The latest events of a platform that is one process. When it ends they are forgotten; the rows are not. */
export class LocalEventLog extends EventLog {
  private readonly ring = new EntryRing({ ms: Date.now(), number: 0 });
  /** Until when, in milliseconds since the start; in the order in which they came. */
  private readonly marks = new Map<string, number>();
  private isClosed = false;

  override async open(): Promise<void> {}

  override append(entries: readonly NewEntry[]): void {
    if (this.isClosed) return;
    for (const { mark, ...entry } of entries) {
      if (mark !== undefined && !this.take(mark)) continue;
      this.ring.add({ ...entry, id: entryId(nextPlace(this.ring.head, Date.now())) });
    }
  }

  override async missing(marks: readonly string[]): Promise<string[]> {
    this.forgetOld();
    return marks.filter((mark) => !this.marks.has(mark));
  }

  override past(audience: Audience, after?: string): Past {
    return this.ring.past(audience, after);
  }

  override follow(audience: Audience, follower: Follower): () => void {
    return this.isClosed ? () => {} : this.ring.follow(audience, follower);
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    this.ring.clear();
  }

  private take(mark: string): boolean {
    this.forgetOld();
    if (this.marks.has(mark)) return false;
    this.marks.set(mark, performance.now() + MARK_SECONDS * 1_000);
    return true;
  }

  private forgetOld(): void {
    const now = performance.now();
    for (const [mark, until] of this.marks) {
      if (until > now) return;
      this.marks.delete(mark);
    }
  }
}
