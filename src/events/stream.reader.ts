import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { comparePlaces, entryId, parseEntryId, type Place, placeBefore } from './entry.id.js';
import type { EntryRing } from './entry.ring.js';
import { fieldsOf, LOG_KEY } from './stream.script.js';

type Item = readonly [id: string, fields: readonly string[]];

/** Less than the time after which a connection on which nothing comes is made anew. */
const BLOCK_MS = 5_000;
const AT_ONCE = 500;
const AGAIN_MS = 200;

/** Mirrors the stream of this Redis in the ring of this process. */
export class EntryReader {
  private isStopped = false;
  /** The connection was made anew: since then nobody knows what the stream has kept. */
  private isDoubtful = false;
  private reading: Promise<void> | undefined;
  private readonly known = Promise.withResolvers<void>();

  constructor(
    private readonly redis: Redis,
    private readonly ring: EntryRing,
    private readonly logger: Logger,
  ) {
    redis.on('close', () => (this.isDoubtful = true));
  }

  /** Resolves when the past is known. */
  begin(entries: number): Promise<void> {
    this.reading ??= this.readAll(entries);
    return this.known.promise;
  }

  stop(): void {
    this.isStopped = true;
    this.known.resolve();
    this.redis.disconnect();
  }

  private async readAll(entries: number): Promise<void> {
    while (!(await this.attempt(() => this.readPast(entries)))) await sleep(AGAIN_MS);
    this.known.resolve();
    while (!this.isStopped) if (!(await this.attempt(() => this.readNext()))) await sleep(AGAIN_MS);
  }

  /** False: it must be tried again. */
  private async attempt(step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      if (this.isStopped) return true;
      this.logger.warn({ err: error, msg: 'Events cannot be read from Redis now.' });
      return false;
    }
  }

  /** What the stream has kept. It may have had more before. */
  private async readPast(entries: number): Promise<void> {
    const items = await this.redis.xrevrange(LOG_KEY, '+', '-', 'COUNT', entries);
    this.ring.lose(placeBefore(placeOf(items.at(-1)) ?? (await this.now())));
    this.take(items.toReversed());
  }

  /** Where the next entry of an empty stream comes, or before. */
  private async now(): Promise<Place> {
    const [seconds, micros] = await this.redis.time();
    return { ms: Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000), number: 0 };
  }

  private async readNext(): Promise<void> {
    const last = entryId(this.ring.head);
    const answer = await this.redis.xread('COUNT', AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', LOG_KEY, last);
    if (this.isDoubtful) await this.findGap();
    for (const [, items] of answer ?? []) this.take(items);
  }

  /** After a time without Redis the stream may have gone on by more than it keeps. */
  private async findGap(): Promise<void> {
    this.isDoubtful = false;
    const [first] = await this.redis.xrange(LOG_KEY, '-', '+', 'COUNT', 1);
    const oldest = placeOf(first);
    if (oldest && comparePlaces(oldest, this.ring.head) > 0) this.ring.lose(placeBefore(oldest));
  }

  private take(items: readonly Item[]): void {
    for (const [id, fields] of items) {
      const entry = fieldsOf(fields);
      if (entry) this.ring.add({ id, ...entry });
      else this.ring.skip(id);
    }
  }
}

function placeOf(item: Item | undefined): Place | undefined {
  return item && parseEntryId(item[0]);
}
