import { Injectable } from '@nestjs/common';
import type { Actor } from './actor.js';

/** What was taken away somewhere else is noticed here after so long, at the latest. */
const RECENT_MS = 10_000;
const MOST = 10_000;

interface Recent {
  readonly actor: Actor;
  readonly until: number;
}

/**
 * Actors that were looked up a moment ago, by what they showed. What this process takes away it forgets at once; what
 * another one takes away is good here for ten more seconds.
 */
@Injectable()
export class RecentActors {
  private readonly recent = new Map<string, Recent>();
  private changes = 0;

  /** Who nobody is, is looked up each time. */
  async find(shown: string, lookUp: () => Promise<Actor | undefined>): Promise<Actor | undefined> {
    const known = this.recent.get(shown);
    if (known && known.until > performance.now()) return known.actor;
    const changes = this.changes;
    const actor = await lookUp();
    // What was found while something was taken away may be out of date already.
    if (actor && changes === this.changes) this.keep(shown, actor);
    return actor;
  }

  forget(shown: string): void {
    this.changes += 1;
    this.recent.delete(shown);
  }

  forgetAll(): void {
    this.changes += 1;
    this.recent.clear();
  }

  private keep(shown: string, actor: Actor): void {
    if (this.recent.size >= MOST) this.recent.clear();
    this.recent.set(shown, { actor, until: performance.now() + RECENT_MS });
  }
}
