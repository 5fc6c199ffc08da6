import Bull from 'bull';
import { BULL_QUEUE, bullOptions } from '../../src/queue/bull-options.js';
import { type BullOfRings, BullQueue } from '../../src/queue/bull.queue.js';
import { RedisConnections } from '../../src/queue/redis-connections.js';

/** What the module makes, without Nest: one process's end of the queue. */
export function openBullQueue(url: string): BullQueue {
  const connections = new RedisConnections(url);
  return new BullQueue(new Bull(BULL_QUEUE, bullOptions(connections)) as unknown as BullOfRings, connections);
}
