import { comparePlaces, entryId, parseEntryId, type Place } from './entry.id.js';
import type { Audience, Entry, Follower, Past } from './event.log.js';
import { Listeners } from './listeners.js';

/** So many entries are kept, and up to twice as many. */
export const KEPT_ENTRIES = 10_000;

interface Placed {
  readonly place: Place;
  readonly entry: Entry;
}

/** The latest entries, as this process knows them, and who follows here. */
export class EntryRing {
  private readonly followers = new Listeners<Entry>();
  private readonly all = new Set<Follower>();
  private kept: Placed[] = [];
  private floor: Place;
  private last: Place;

  /**
   * @param floor of what was before it, and at it, nothing is known
   * @param last what comes after it will be kept
   */
  constructor(floor: Place, last = floor) {
    this.floor = floor;
    this.last = last;
  }

  /** The place of the latest entry. */
  get head(): Place {
    return this.last;
  }

  /** One that is not after all others is passed over. */
  add(entry: Entry): void {
    const place = parseEntryId(entry.id);
    if (!place || comparePlaces(place, this.last) <= 0) return;
    this.last = place;
    this.kept.push({ place, entry });
    if (this.kept.length > 2 * KEPT_ENTRIES) this.trim();
    this.followers.tell(topicOf({ subject: entry.subject }), entry);
    this.followers.tell(topicOf({ owner: entry.owner }), entry);
  }

  /** The place of something that cannot be read. */
  skip(id: string): void {
    const place = parseEntryId(id);
    if (place && comparePlaces(place, this.last) > 0) this.last = place;
  }

  past(audience: Audience, after?: string): Past {
    const place = after === undefined ? undefined : parseEntryId(after);
    const begin = place ? this.firstAfter(place) : 0;
    const found = this.kept.slice(begin).filter(({ entry }) => isFor(entry, audience));
    const isWhole = place !== undefined && comparePlaces(place, this.floor) >= 0;
    return { entries: found.map(({ entry }) => entry), isWhole, head: entryId(this.last) };
  }

  follow(audience: Audience, follower: Follower): () => void {
    const stop = this.followers.add(topicOf(audience), (entry) => follower.heard(entry));
    this.all.add(follower);
    return () => {
      stop();
      this.all.delete(follower);
    };
  }

  /** Begins anew, as when it was made. */
  lose(floor: Place, last = floor): void {
    this.kept = [];
    this.floor = floor;
    this.last = last;
    for (const follower of this.all) follower.lost();
  }

  clear(): void {
    this.kept = [];
    this.followers.clear();
    this.all.clear();
  }

  private trim(): void {
    this.floor = this.kept.at(-KEPT_ENTRIES - 1)?.place ?? this.floor;
    this.kept = this.kept.slice(-KEPT_ENTRIES);
  }

  private firstAfter(place: Place): number {
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.kept[middle];
      if (found && comparePlaces(found.place, place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function topicOf(audience: Audience): string {
  return 'subject' in audience ? `subject:${audience.subject}` : `owner:${audience.owner}`;
}

function isFor(entry: Entry, audience: Audience): boolean {
  return 'subject' in audience ? entry.subject === audience.subject : entry.owner === audience.owner;
}
