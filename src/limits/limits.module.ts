import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import type { RedisConnections } from '../queue/redis-connections.js';
import { MemoryRateLimiter } from './memory.rate-limiter.js';
import { RateLimiter } from './rate-limiter.js';
import { RedisRateLimiter } from './redis.rate-limiter.js';
import { RequestBudgets } from './request.budgets.js';

/** A connection of its own: a queue that has much to say must not hold up requests. */
class Connections {
  constructor(readonly redis: RedisConnections | undefined) {}
}

/** Gives the RateLimiter to everybody: one count for all processes where there is a Redis, else in this one. */
@Global()
@Module({})
export class LimitsModule implements OnApplicationShutdown {
  constructor(private readonly connections: Connections) {}

  static async forRoot({ REDIS_URL }: Config): Promise<DynamicModule> {
    const redis = REDIS_URL === undefined ? undefined : await connections(REDIS_URL);
    return {
      module: LimitsModule,
      providers: [
        { provide: Connections, useValue: new Connections(redis) },
        { provide: RateLimiter, inject: [Connections], useFactory: rateLimiter },
        RequestBudgets,
      ],
      exports: [RateLimiter, RequestBudgets],
    };
  }

  onApplicationShutdown(): void {
    this.connections.redis?.close();
  }
}

/** Loaded only where it is needed, as the queue on Redis is. */
async function connections(url: string): Promise<RedisConnections> {
  const { RedisConnections } = await import('../queue/redis-connections.js');
  return new RedisConnections(url);
}

function rateLimiter({ redis }: Connections): RateLimiter {
  const memory = new MemoryRateLimiter();
  return redis ? new RedisRateLimiter(redis.open('command'), memory) : memory;
}
