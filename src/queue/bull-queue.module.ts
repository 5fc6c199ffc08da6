import { BullModule, getQueueToken } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import { BULL_QUEUE, bullOptions } from './bull-options.js';
import { type BullOfRings, BullQueue } from './bull.queue.js';
import { Queue } from './queue.js';
import { RedisConnections } from './redis-connections.js';

/** Gives the Queue that lives in Redis. Loaded only where one is configured. */
@Module({})
export class BullQueueModule {
  static forRoot(url: string): DynamicModule {
    const connections = new RedisConnections(url);
    return {
      module: BullQueueModule,
      imports: [BullModule.registerQueueAsync({ name: BULL_QUEUE, useFactory: () => bullOptions(connections) })],
      providers: [
        {
          provide: Queue,
          inject: [getQueueToken(BULL_QUEUE)],
          useFactory: (bull: BullOfRings) => new BullQueue(bull, connections),
        },
      ],
      exports: [Queue],
    };
  }
}
