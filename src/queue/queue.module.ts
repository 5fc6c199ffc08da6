import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { EmbeddedQueue } from './embedded.queue.js';
import { Queue } from './queue.js';

/** Gives the Queue to everybody: on Redis where one is configured, else embedded. */
@Global()
@Module({})
export class QueueModule implements OnApplicationShutdown {
  constructor(private readonly queue: Queue) {}

  static async forRoot({ REDIS_URL }: Config): Promise<DynamicModule> {
    if (REDIS_URL === undefined) {
      return { module: QueueModule, providers: [{ provide: Queue, useClass: EmbeddedQueue }], exports: [Queue] };
    }
    // A tenth of the time to start goes into loading Bull, and whoever has no Redis need not wait for it.
    const { BullQueueModule } = await import('./bull-queue.module.js');
    return { module: QueueModule, imports: [BullQueueModule.forRoot(REDIS_URL)], exports: [BullQueueModule] };
  }

  /** For whoever only pushes. A worker has closed the queue before, with its period of grace. */
  async onApplicationShutdown(): Promise<void> {
    await this.queue.close(0);
  }
}
