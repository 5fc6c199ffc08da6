import { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';

/** What a connection is for: short commands that somebody waits for, or waiting for what comes. */
export type RedisPurpose = 'command' | 'wait';

const ALWAYS = { connectTimeout: 2_000, disconnectTimeout: 250, keepAlive: 10_000, disableClientInfo: true };

/**
 * The other end can be gone without a word, and the system repeats what was sent to it for a quarter of an hour before
 * it says so. `socketTimeout` is how long nothing may come while an answer is due, before the connection is made anew.
 */
const OPTIONS: Readonly<Record<RedisPurpose, RedisOptions>> = {
  /**
   * Each command is answered within 1.5 s or rejects, so that a request can be answered within two. When Redis refuses
   * connections it rejects earlier, after the second refusal.
   */
  command: { ...ALWAYS, maxRetriesPerRequest: 1, commandTimeout: 1_500, socketTimeout: 4_000 },
  /** Never gives up, nor asks whether Redis is ready: Bull demands both. Its blocking command ends every 5 s. */
  wait: { ...ALWAYS, maxRetriesPerRequest: null, enableReadyCheck: false, socketTimeout: 10_000 },
};

/** Longest time between two attempts to reach a Redis that is gone. */
const LONGEST_RETRY_MS = 500;

/** A Redis that takes a connection and ends it at once (a wrong password, too many clients) would fill the log. */
const TELL_AGAIN_MS = 60_000;

/** The connections of this process to one Redis, which come back by themselves when Redis does. */
export class RedisConnections {
  private readonly logger = new Logger(RedisConnections.name);
  private readonly connections = new Map<Redis, RedisPurpose>();
  private readonly told = new WeakSet<object>();
  private isClosed = false;
  private isLost = false;
  private isLossTold = false;
  private tellAfter = 0;

  /** @param url `redis://` or, with TLS, `rediss://`; with `user:password@` and `/database` where needed. */
  constructor(private readonly url: string) {}

  /** Whether an error is, or comes of, the loss of a connection, of which the log hears from here. */
  explains(error: unknown): boolean {
    return this.isLost || (typeof error === 'object' && error !== null && this.told.has(error));
  }

  /** Opens a connection. After `close` it is one that rejects everything. */
  open(purpose: RedisPurpose): Redis {
    const redis = new Redis(this.url, {
      ...OPTIONS[purpose],
      lazyConnect: this.isClosed,
      retryStrategy: (attempt) => (this.isClosed ? null : Math.min(attempt * 50, LONGEST_RETRY_MS)),
    });
    this.connections.set(redis, purpose);
    redis.on('error', (error: Error) => this.failed(purpose, error));
    redis.on('ready', () => purpose === 'command' && this.found());
    redis.on('connect', () => this.isClosed && redis.disconnect());
    redis.on('connecting', () => setImmediate(() => redis.stream?.on('error', ignore)));
    redis.on('close', () => stopSocketTimer(redis));
    if (this.isClosed) redis.disconnect();
    return redis;
  }

  /** Breaks off what the waiting connections wait for. They are not made anew. */
  stopWaiting(): void {
    for (const [redis, purpose] of this.connections) if (purpose === 'wait') redis.disconnect();
  }

  /** Drops every connection at once, and for good. */
  close(): void {
    this.isClosed = true;
    for (const redis of this.connections.keys()) redis.disconnect();
  }

  private failed(purpose: RedisPurpose, error: Error): void {
    this.told.add(error);
    if (this.isClosed || this.isLost) return;
    this.isLost = purpose === 'command';
    if (performance.now() < this.tellAfter) return;
    this.tellAfter = performance.now() + TELL_AGAIN_MS;
    this.isLossTold = true;
    this.logger.error({ msg: 'Redis does not answer.', err: error });
  }

  private found(): void {
    this.isLost = false;
    if (this.isLossTold) this.logger.log('Redis answers again.');
    this.isLossTold = false;
  }
}

/** ioredis listens to the first error of a socket, and one with TLS can have a second, which would end the process. */
function ignore(): void {}

/** ioredis 5.11 leaves this timer running when a connection ends, and then ends the next one with it. */
function stopSocketTimer(redis: Redis): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- private, so its types leave it out
  const timed = redis as unknown as { socketTimeoutTimer: NodeJS.Timeout | undefined };
  clearTimeout(timed.socketTimeoutTimer);
  timed.socketTimeoutTimer = undefined;
}
