import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MemoryRateLimiter } from './memory.rate-limiter.js';
import { RateLimiter } from './rate-limiter.js';

/** Gives the RateLimiter to everybody. */
@Global()
@Module({})
export class LimitsModule {
  static forRoot(): DynamicModule {
    return {
      module: LimitsModule,
      providers: [{ provide: RateLimiter, useFactory: () => new MemoryRateLimiter() }],
      exports: [RateLimiter],
    };
  }
}
