import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { RedisConnections } from '../queue/redis-connections.js';
import { EntryRing, KEPT_ENTRIES } from './entry.ring.js';
import { type Audience, EventLog, type Follower, type NewEntry, type Past } from './event.log.js';
import { EntryOutbox } from './stream.outbox.js';
import { markKey } from './stream.script.js';
import { EntryReader } from './stream.reader.js';

/** How long the start waits for a Redis that does not answer. */
const OPEN_MS = 2_000;
const LAST_CHANCE_MS = 1_000;
const ASKED_AT_ONCE = 1_000;
const NOTHING_KNOWN = { ms: Infinity, number: 0 };

/**
 * The latest events of a platform of several processes, as a stream on Redis, which each of them that follows mirrors:
 * however many readers there are, Redis is asked once.
 */
export class RedisEventLog extends EventLog {
  private readonly logger = new Logger('EventLog');
  private readonly ring = new EntryRing(NOTHING_KNOWN, { ms: 0, number: 0 });
  private redis: Redis | undefined;
  private reader: EntryReader | undefined;
  private outbox: EntryOutbox | undefined;
  private isClosed = false;

  /** @param connections nobody else's: they are closed together with the log */
  constructor(private readonly connections: RedisConnections) {
    super();
  }

  override async open(): Promise<void> {
    if (this.isClosed) return;
    this.reader ??= new EntryReader(this.connections.open('wait'), this.ring, this.logger);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, OPEN_MS);
    await Promise.race([this.reader.begin(KEPT_ENTRIES), late.promise]);
    clearTimeout(timer);
  }

  override append(entries: readonly NewEntry[]): void {
    if (this.isClosed) return;
    this.outbox ??= new EntryOutbox(this.command(), this.logger);
    this.outbox.add(entries);
  }

  override async missing(marks: readonly string[]): Promise<string[]> {
    const missing: string[] = [];
    for (let begin = 0; begin < marks.length; begin += ASKED_AT_ONCE) {
      const some = marks.slice(begin, begin + ASKED_AT_ONCE);
      const found = await this.command().mget(some.map(markKey));
      missing.push(...some.filter((_, index) => found[index] === null));
    }
    return missing;
  }

  override past(audience: Audience, after?: string): Past {
    return this.ring.past(audience, after);
  }

  override follow(audience: Audience, follower: Follower): () => void {
    return this.isClosed ? () => {} : this.ring.follow(audience, follower);
  }

  override async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reader?.stop();
    await this.outbox?.close(LAST_CHANCE_MS);
    this.ring.clear();
    this.connections.close();
  }

  private command(): Redis {
    this.redis ??= this.connections.open('command');
    return this.redis;
  }
}
