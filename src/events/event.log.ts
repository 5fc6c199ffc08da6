/** What happened, to what, and whose it is. */
export interface NewEntry {
  /** What it happened to: the id of a task. */
  readonly subject: string;
  /** The user who may hear of it. */
  readonly owner: string;
  /** What kind of event it is, in one word. */
  readonly type: string;
  /** More about it, as JSON; 16 384 characters at most. */
  readonly text: string;
  /** Of entries with the same mark only the first counts, for two minutes and in all processes. */
  readonly mark?: string;
}

/** What happened, in its place. */
export interface Entry extends Omit<NewEntry, 'mark'> {
  /** `<milliseconds>-<number>`; see entry.id.ts. It grows from entry to entry, also from one process to the next. */
  readonly id: string;
}

/** Whom an entry is for: whoever follows its subject, or everything of its owner. */
export type Audience = { readonly subject: string } | { readonly owner: string };

export interface Past {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** False: there may have been more, which are kept no longer or were never known here. */
  readonly isWhole: boolean;
  /** The place after all of them. */
  readonly head: string;
}

/** What it throws is logged, and changes nothing for others. */
export interface Follower {
  heard(entry: Entry): void;
  /** Entries may have passed unheard; whoever must not miss them looks at the rows. */
  lost(): void;
}

/** How long a mark is remembered. */
export const MARK_SECONDS = 120;

/**
 * The latest events of the platform, numbered and in one order that is the same for everybody. Each process keeps the
 * latest 10 000 at least, so that whoever comes back is told what was missed without anybody being asked.
 */
export abstract class EventLog {
  /** Begins to hear what all processes append. Resolves when the past is known, or after 2 s; never rejects. */
  abstract open(): Promise<void>;
  /** Puts entries at the end, in this order. While that does not succeed it is tried again; nobody waits for it. */
  abstract append(entries: readonly NewEntry[]): void;
  /** Those of the marks that no entry of the last two minutes has. Rejects within 2 s when that cannot be told. */
  abstract missing(marks: readonly string[]): Promise<string[]>;
  /**
   * What is kept of the past. Followed in the same turn, nothing is missing in between and nothing comes twice; but
   * whoever has heard of entries in another process must pass over those that come here later.
   *
   * @param after the id of the last entry that is known already; undefined: none is
   */
  abstract past(audience: Audience, after?: string): Past;
  /** Answers how to stop. A follower hears each entry once, in their order. */
  abstract follow(audience: Audience, follower: Follower): () => void;
  /** Tries for a second to append what is left, then lets go of every connection. Never rejects; may be called again. */
  abstract close(): Promise<void>;
}
