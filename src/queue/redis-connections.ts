import { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';

/** What a connection is for: short commands that somebody waits for, or waiting for what comes. */
export type RedisPurpose = 'command' | 'wait';

const ALWAYS: RedisOptions = { connectTimeout: 2_000, keepAlive: 10_000, disableClientInfo: true };

const OPTIONS: Readonly<Record<RedisPurpose, RedisOptions>> = {
  /**
   * Each command is answered within 1.5 s or rejects, so that a request can be answered within two. When Redis refuses
   * connections it rejects earlier, after the second refusal. After 5 s of silence the connection is made anew: the
   * other end may be gone without a word.
   */
  command: { ...ALWAYS, maxRetriesPerRequest: 1, commandTimeout: 1_500, socketTimeout: 5_000 },
  /** Never gives up. Bull's blocking command ends every 5 s, so 15 s of silence mean that nobody is there. */
  wait: { ...ALWAYS, maxRetriesPerRequest: null, enableReadyCheck: false, socketTimeout: 15_000 },
};

/** Longest time between two attempts to reach a Redis that is gone. */
const LONGEST_RETRY_MS = 500;

/** The connections of this process to one Redis, which come back by themselves when Redis does. */
export class RedisConnections {
  private readonly logger = new Logger(RedisConnections.name);
  private readonly connections = new Map<Redis, RedisPurpose>();
  private isClosed = false;
  private isLost = false;

  /** @param url `redis://` or, with TLS, `rediss://`; with `user:password@` and `/database` where needed. */
  constructor(private readonly url: string) {}

  /** Whether Redis has stopped to answer commands. The log has heard of it, once. */
  get areLost(): boolean {
    return this.isLost;
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
    redis.on('ready', () => this.ready(purpose));
    redis.on('connect', () => this.isClosed && redis.disconnect());
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
    if (this.isClosed || this.isLost) return;
    this.isLost = purpose === 'command';
    this.logger.error({ msg: 'Redis does not answer.', err: error });
  }

  private ready(purpose: RedisPurpose): void {
    if (purpose !== 'command' || !this.isLost) return;
    this.isLost = false;
    this.logger.log('Redis answers again.');
  }
}
