import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { KEPT_ENTRIES } from './entry.ring.js';
import type { NewEntry } from './event.log.js';
import { APPEND_SCRIPT, entryArguments, LOG_KEY, senderKey } from './stream.script.js';

const BATCH = 200;
const AGAIN_MS = 250;
/** What more comes while Redis is gone is left out, oldest first; whoever misses it looks at the rows. */
const MOST_WAITING = 10_000;

/** What this process appends: in order, in batches, each of them once, however often it must be sent. */
export class EntryOutbox {
  private readonly sender = randomUUID();
  private waiting: NewEntry[] = [];
  private batch = 0;
  private sending: Promise<void> | undefined;
  private readonly over = new AbortController();

  constructor(
    private readonly redis: Redis,
    private readonly logger: Logger,
  ) {}

  add(entries: readonly NewEntry[]): void {
    this.waiting.push(...entries);
    if (this.waiting.length > MOST_WAITING) this.waiting = this.waiting.slice(-MOST_WAITING);
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
  }

  /** Resolves when everything is sent, or it is too late. */
  async close(lastChanceMs: number): Promise<void> {
    const timer = setTimeout(() => this.over.abort(), lastChanceMs);
    await this.sending;
    clearTimeout(timer);
    this.over.abort();
  }

  /** What is said in one turn travels together. */
  private async sendAll(): Promise<void> {
    await new Promise(setImmediate);
    while (this.waiting.length > 0 && !this.over.signal.aborted) {
      const batch = this.waiting.splice(0, BATCH);
      this.batch += 1;
      await this.send(this.batch, batch);
    }
  }

  private async send(number: number, entries: readonly NewEntry[]): Promise<void> {
    const values = [number, KEPT_ENTRIES, ...entries.flatMap(entryArguments)];
    for (let isFirst = true; !this.over.signal.aborted; isFirst = false) {
      try {
        await this.redis.eval(APPEND_SCRIPT, 2, LOG_KEY, senderKey(this.sender), ...values);
        return;
      } catch (error) {
        if (isFirst) this.logger.warn({ err: error, msg: 'Events wait: Redis does not take them.' });
        await this.pause();
      }
    }
  }

  private async pause(): Promise<void> {
    await sleep(AGAIN_MS, undefined, { signal: this.over.signal }).catch(() => {});
  }
}
