import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { RedisConnections } from '../queue/redis-connections.js';
import { MemoryRateLimiter } from './memory.rate-limiter.js';
import { RateLimiter } from './rate-limiter.js';
import { RedisRateLimiter } from './redis.rate-limiter.js';
import { RequestBudgets } from './request.budgets.js';

/** A connection of its own: a queue that has much to say must not hold up requests. */
class Connections {
  readonly redis: RedisConnections | undefined;

  constructor(url: string | undefined) {
    this.redis = url === undefined ? undefined : new RedisConnections(url);
  }
}

/** Gives the RateLimiter to everybody: one count for all processes where there is a Redis, else in this one. */
@Global()
@Module({})
export class LimitsModule implements OnApplicationShutdown {
  constructor(private readonly connections: Connections) {}

  static forRoot(config: Config): DynamicModule {
    return {
      module: LimitsModule,
      providers: [
        { provide: Connections, useValue: new Connections(config.REDIS_URL) },
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

function rateLimiter({ redis }: Connections): RateLimiter {
  const memory = new MemoryRateLimiter();
  return redis ? new RedisRateLimiter(redis.open('command'), memory) : memory;
}
