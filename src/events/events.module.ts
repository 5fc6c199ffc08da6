import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { Events } from './events.js';
import { LocalEvents } from './local.events.js';

/** Gives the Events to everybody: by way of Redis where one is configured, else inside this process. */
@Global()
@Module({})
export class EventsModule implements OnApplicationShutdown {
  constructor(private readonly events: Events) {}

  static async forRoot({ REDIS_URL }: Config): Promise<DynamicModule> {
    const useFactory = REDIS_URL === undefined ? () => new LocalEvents() : await redisEvents(REDIS_URL);
    return { module: EventsModule, providers: [{ provide: Events, useFactory }], exports: [Events] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.events.close();
  }
}

/** Loaded only where it is needed, as the queue on Redis is. */
async function redisEvents(url: string): Promise<() => Events> {
  const [{ RedisEvents }, { RedisConnections }] = await Promise.all([
    import('./redis.events.js'),
    import('../queue/redis-connections.js'),
  ]);
  return () => new RedisEvents(new RedisConnections(url));
}
