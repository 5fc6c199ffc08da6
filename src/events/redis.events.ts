import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RedisConnections } from '../queue/redis-connections.js';
import { Events, type Listener } from './events.js';
import { Listeners, refuseLongText } from './listeners.js';

/** What travels. What comes back to where it was said has been heard there already. */
const messageSchema = z.object({ version: z.literal(1), from: z.uuid(), text: z.string() });

/**
 * Events across processes, by publish and subscribe on Redis. A connection is made when it is needed: whoever only
 * publishes has one, whoever only listens another one.
 */
export class RedisEvents extends Events {
  private readonly process = randomUUID();
  private readonly listeners = new Listeners<string>();
  private publisher: Redis | undefined;
  private subscriber: Redis | undefined;
  private isClosed = false;

  /** @param connections nobody else's: they are closed together with the events */
  constructor(private readonly connections: RedisConnections) {
    super();
  }

  override async publish(topic: string, text: string): Promise<void> {
    refuseLongText(text);
    if (this.isClosed) throw new Error('The events are closed.');
    this.listeners.tell(topic, text);
    this.publisher ??= this.connections.open('command');
    const message = JSON.stringify({ version: 1, from: this.process, text });
    await this.publisher.publish(channelOf(this.publisher, topic), message);
  }

  override subscribe(topic: string, listener: Listener): () => void {
    if (this.isClosed) return () => {};
    this.subscriber ??= this.listen();
    // Kept by the connection: it subscribes again whenever it is made anew.
    this.subscriber.subscribe(channelOf(this.subscriber, topic)).catch(() => {});
    return this.listeners.add(topic, listener);
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
    this.connections.close();
  }

  private listen(): Redis {
    const redis = this.connections.open('wait');
    const prefix = channelOf(redis, '');
    redis.on('message', (channel: string, message: string) => this.hear(channel.slice(prefix.length), message));
    return redis;
  }

  /** Whoever reaches Redis can say anything there, so what cannot be read is passed over. */
  private hear(topic: string, message: string): void {
    const heard = messageSchema.safeParse(parsed(message));
    if (heard.success && heard.data.from !== this.process) this.listeners.tell(topic, heard.data.text);
  }
}

/** Channels are the same for all databases of a Redis, so the number of ours is part of the name. */
function channelOf({ options }: Redis, topic: string): string {
  return `toolyard:events:${options.db ?? 0}:${topic}`;
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
