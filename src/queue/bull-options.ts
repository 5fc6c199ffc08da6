import type { BullModuleOptions } from '@nestjs/bull';
import type { RedisConnections } from './redis-connections.js';

/** The keys in Redis begin with `toolyard:tasks:`. */
export const BULL_QUEUE = 'tasks';

/**
 * Bull as a doorbell. The ring of a worker that died comes back after 5 to 20 s, and as often as it takes, because it
 * is the row that counts attempts. Nothing is kept of a ring that was answered.
 */
export function bullOptions(connections: RedisConnections): BullModuleOptions {
  return {
    name: BULL_QUEUE,
    prefix: 'toolyard',
    createClient: (type) => connections.open(type === 'client' ? 'command' : 'wait'),
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    settings: {
      lockDuration: 10_000,
      stalledInterval: 5_000,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      retryProcessDelay: 1_000,
    },
  };
}
